import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import {
  add,
  averagePool,
  concat,
  divide,
  maxPool,
  multiply,
  oblongConv,
  reduceMean,
  relu,
  reshape,
  sqrt,
  subtract,
} from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { linear } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

/** Which of two networks of one layout it is. torchvision: `Inception3`. fid: TensorFlow's of 2015-12-05, which every published FID is
 *  measured with, as pytorch-fid's file holds it; it pools in other ways. */
const configSchema = z.object({
  num_classes: z.int().positive().default(1000),
  variant: z.enum(['torchvision', 'fid']).default('torchvision'),
})
export type InceptionConfig = z.output<typeof configSchema>

/** What one graph is built for. */
export interface InceptionSizes {
  readonly batch: number
}

/** Pixels of a side of the pictures that it takes. */
export const inceptionSide = 299

/** InceptionV3 (Szegedy et al. 2015, arXiv:1512.00567), torchvision's `Inception3` in its names of parameters.
 *  Input: pixel_values [batch, 3, 299, 299] in [-1, 1].
 *  Outputs: features [batch, 2048], the mean over the last block; logits [batch, num_classes]. */
export const inceptionV3: Family<InceptionConfig, InceptionSizes> = {
  className: 'Inception3',
  // It measures: its features are compared with others'.
  computesInFull: () => true,
  config: configSchema,
  graphs: { classify },
}

function classify(layer: Layer, config: InceptionConfig, { batch }: InceptionSizes): void {
  const pixels = layer.graph.input('pixel_values', 'float32', [batch, 3, inceptionSide, inceptionSide])
  const isFid = config.variant === 'fid'
  const averaged = (x: Value) => averagePool(x, { kernel: 3, stride: 1, padding: 1, countsPadding: !isFid })
  let x = stem(layer, pixels)
  for (const [name, pooled] of [
    ['Mixed_5b', 32],
    ['Mixed_5c', 64],
    ['Mixed_5d', 64],
  ] as const) {
    x = blockA(layer.at(name), x, pooled, averaged)
  }
  x = blockB(layer.at('Mixed_6a'), x)
  for (const [name, width] of [
    ['Mixed_6b', 128],
    ['Mixed_6c', 160],
    ['Mixed_6d', 160],
    ['Mixed_6e', 192],
  ] as const) {
    x = blockC(layer.at(name), x, width, averaged)
  }
  x = blockD(layer.at('Mixed_7a'), x)
  x = blockE(layer.at('Mixed_7b'), x, averaged)
  x = blockE(layer.at('Mixed_7c'), x, isFid ? largest : averaged)
  const [, width, rows, columns] = x.shape
  const features = reshape(reduceMean(reshape(x, [batch, width, rows * columns]), 2), [batch, width])
  layer.graph.output('features', features)
  layer.graph.output('logits', linear(layer.at('fc'), features, config.num_classes))
}

/** What the older network does in its last block. */
const largest = (x: Value): Value => maxPool(x, { kernel: 3, stride: 1, padding: 1 })
const halved = (x: Value): Value => maxPool(x, { kernel: 3, stride: 2, padding: 0 })

type Kernel = number | readonly [rows: number, columns: number]

/** torchvision's `BasicConv2d`: a convolution, batch normalisation with the means and variances of its training, and what is above 0. */
function block(layer: Layer, x: Value, out: number, kernel: Kernel, { stride = 1, padded = true } = {}): Value {
  return layer.build(() => {
    const [rows, columns] = typeof kernel === 'number' ? [kernel, kernel] : kernel
    const weight = layer.at('conv').parameter('weight', [out, x.shape[1], rows, columns], { anchor: x })
    const padding = padded ? ([(rows - 1) / 2, (columns - 1) / 2] as const) : ([0, 0] as const)
    const y = oblongConv(x, weight, { stride, padding })
    const statistic = (name: string) => layer.at('bn').parameter(name, [out], { use: [1, out, 1, 1], anchor: y })
    const scale = divide(statistic('weight'), sqrt(add(statistic('running_var'), 1e-3)))
    return relu(add(multiply(y, scale), subtract(statistic('bias'), multiply(statistic('running_mean'), scale))))
  })
}

function stem(layer: Layer, pixels: Value): Value {
  let x = block(layer.at('Conv2d_1a_3x3'), pixels, 32, 3, { stride: 2, padded: false })
  x = block(layer.at('Conv2d_2a_3x3'), x, 32, 3, { padded: false })
  x = halved(block(layer.at('Conv2d_2b_3x3'), x, 64, 3))
  x = block(layer.at('Conv2d_3b_1x1'), x, 80, 1)
  return halved(block(layer.at('Conv2d_4a_3x3'), x, 192, 3, { padded: false }))
}

/** A chain of convolutions: the name of each below the layer, its width and its kernel. */
type Chain = readonly (readonly [name: string, out: number, kernel: Kernel])[]

const follow = (layer: Layer, x: Value, chain: Chain): Value =>
  chain.reduce((value, [name, out, kernel]) => block(layer.at(name), value, out, kernel), x)

const reduced = { stride: 2, padded: false }

type Pool = (x: Value) => Value

/** Figure 5 of the paper. */
const blockA = (layer: Layer, x: Value, pooled: number, pool: Pool): Value =>
  layer.build(() =>
    concat(
      [
        follow(layer, x, [['branch1x1', 64, 1]]),
        follow(layer, x, [
          ['branch5x5_1', 48, 1],
          ['branch5x5_2', 64, 5],
        ]),
        follow(layer, x, [
          ['branch3x3dbl_1', 64, 1],
          ['branch3x3dbl_2', 96, 3],
          ['branch3x3dbl_3', 96, 3],
        ]),
        follow(layer, pool(x), [['branch_pool', pooled, 1]]),
      ],
      1,
    ),
  )

/** Figure 10: half the size. */
const blockB = (layer: Layer, x: Value): Value =>
  layer.build(() => {
    const twice = follow(layer, x, [
      ['branch3x3dbl_1', 64, 1],
      ['branch3x3dbl_2', 96, 3],
    ])
    const branches = [
      block(layer.at('branch3x3'), x, 384, 3, reduced),
      block(layer.at('branch3x3dbl_3'), twice, 96, 3, reduced),
    ]
    return concat([...branches, halved(x)], 1)
  })

/** Figure 6: kernels of 7 x 7 as rows and columns. */
const blockC = (layer: Layer, x: Value, width: number, pool: Pool): Value =>
  layer.build(() =>
    concat(
      [
        follow(layer, x, [['branch1x1', 192, 1]]),
        follow(layer, x, [
          ['branch7x7_1', width, 1],
          ['branch7x7_2', width, [1, 7]],
          ['branch7x7_3', 192, [7, 1]],
        ]),
        follow(layer, x, [
          ['branch7x7dbl_1', width, 1],
          ['branch7x7dbl_2', width, [7, 1]],
          ['branch7x7dbl_3', width, [1, 7]],
          ['branch7x7dbl_4', width, [7, 1]],
          ['branch7x7dbl_5', 192, [1, 7]],
        ]),
        follow(layer, pool(x), [['branch_pool', 192, 1]]),
      ],
      1,
    ),
  )

/** Half the size once more. */
const blockD = (layer: Layer, x: Value): Value =>
  layer.build(() => {
    const sevens = follow(layer, x, [
      ['branch7x7x3_1', 192, 1],
      ['branch7x7x3_2', 192, [1, 7]],
      ['branch7x7x3_3', 192, [7, 1]],
    ])
    const branches = [
      block(layer.at('branch3x3_2'), follow(layer, x, [['branch3x3_1', 192, 1]]), 320, 3, reduced),
      block(layer.at('branch7x7x3_4'), sevens, 192, 3, reduced),
    ]
    return concat([...branches, halved(x)], 1)
  })

/** Figure 7: rows and columns beside each other. */
const blockE = (layer: Layer, x: Value, pool: Pool): Value =>
  layer.build(() => {
    const beside = (from: Value, rows: string, columns: string) =>
      concat([block(layer.at(rows), from, 384, [1, 3]), block(layer.at(columns), from, 384, [3, 1])], 1)
    const single = follow(layer, x, [['branch3x3_1', 384, 1]])
    const double = follow(layer, x, [
      ['branch3x3dbl_1', 448, 1],
      ['branch3x3dbl_2', 384, 3],
    ])
    return concat(
      [
        follow(layer, x, [['branch1x1', 320, 1]]),
        beside(single, 'branch3x3_2a', 'branch3x3_2b'),
        beside(double, 'branch3x3dbl_3a', 'branch3x3dbl_3b'),
        follow(layer, pool(x), [['branch_pool', 192, 1]]),
      ],
      1,
    )
  })
