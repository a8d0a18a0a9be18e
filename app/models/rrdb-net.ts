import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, concat, leakyRelu, multiply, reshape, resizeNearest, transpose } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { convolution } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

/** What the shapes of a file say of its network (`app/weights/upscaler.ts`); the names are BasicSR's. */
const configSchema = z.object({
  num_feat: z.int().positive(),
  num_grow_ch: z.int().positive(),
  num_block: z.int().positive(),
  num_out_ch: z.literal(3),
  /** Pixels on a side that are taken as channels of one place at first: 1, 2 or 4. */
  unshuffle: z.int().positive(),
  /** How often the size is doubled. */
  ups: z.int().nonnegative(),
})
export type RrdbConfig = z.output<typeof configSchema>

/** Of the pictures that are enlarged, in pixels: multiples of `unshuffle`. */
export interface RrdbSizes {
  readonly batch: number
  readonly height: number
  readonly width: number
}

/** RRDBNet, the generator of ESRGAN (Wang et al. 2018, arXiv:1809.00219) and Real-ESRGAN (arXiv:2107.10833), as BasicSR has it.
 *  Input: pixels [batch, 3, height, width] in [0, 1]. Output: enlarged [batch, 3, height scale, width scale], about [0, 1], with scale =
 *  2^ups / unshuffle. */
export const rrdbNet: Family<RrdbConfig, RrdbSizes> = {
  className: 'RRDBNet',
  config: configSchema,
  usesAllWeights: true,
  graphs: { enlarge },
}

/** How many times larger pictures become. */
export const enlargement = ({ ups, unshuffle }: RrdbConfig): number => 2 ** ups / unshuffle

const bent = (x: Value): Value => leakyRelu(x, 0.2)

function enlarge(layer: Layer, config: RrdbConfig, { batch, height, width }: RrdbSizes): void {
  const { num_feat: features, num_block: blocks, unshuffle, ups } = config
  const pixels = layer.graph.input('pixels', 'float32', [batch, 3, height, width])
  const first = convolution(layer.at('conv_first'), unshuffled(pixels, unshuffle), features)
  let body = first
  for (let k = 0; k < blocks; k++) body = block(layer.at('body', k), body, config)
  let hidden = add(first, convolution(layer.at('conv_body'), body, features))
  for (let k = 1; k <= ups; k++) {
    const [, , rows, columns] = hidden.shape
    hidden = bent(convolution(layer.at(`conv_up${k}`), resizeNearest(hidden, rows * 2, columns * 2), features))
  }
  const last = bent(convolution(layer.at('conv_hr'), hidden, features))
  layer.graph.output('enlarged', convolution(layer.at('conv_last'), last, config.num_out_ch))
}

/** Residual in residual dense block (arXiv:1809.00219, figure 4). */
const block = (layer: Layer, x: Value, config: RrdbConfig): Value =>
  layer.block(() => {
    const inside = [1, 2, 3].reduce((hidden, k) => dense(layer.at(`rdb${k}`), hidden, config), x)
    return add(multiply(inside, 0.2), x)
  })

function dense(layer: Layer, x: Value, { num_feat: features, num_grow_ch: growth }: RrdbConfig): Value {
  return layer.build(() => {
    let seen: readonly Value[] = [x]
    for (let k = 1; k <= 4; k++) seen = [...seen, bent(convolution(layer.at(`conv${k}`), concat(seen, 1), growth))]
    return add(multiply(convolution(layer.at('conv5'), concat(seen, 1), features), 0.2), x)
  })
}

/** torch's pixel_unshuffle: [batch, channels, height, width] -> [batch, channels k k, height / k, width / k] */
function unshuffled(x: Value, k: number): Value {
  if (k === 1) return x
  const [batch, channels, height, width] = x.shape
  const apart = reshape(x, [batch, channels, height / k, k, width / k, k])
  return reshape(transpose(apart, [0, 1, 3, 5, 2, 4]), [batch, channels * k * k, height / k, width / k])
}
