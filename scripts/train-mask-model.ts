/** Trains the mask model of the embedded world with the studio's own trainer: `node scripts/train-mask-model.ts ART RECIPE EVALUATION OUT [STEPS]`.
 *  ART is the folder of Sticker World's training data, unpacked; RECIPE its recipe; EVALUATION its evaluation pack, whose things for concepts are left
 *  out. OUT gets the run's states, and `model`, a folder of CLIPSeg without a text tower: Sticker World's own, beside it, reads the words.
 *  It goes on where it was stopped. */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { targets } from '../app/graph/targets.ts'
import { clipPixels, parseClipImageConfig } from '../app/models/clip-image-processor.ts'
import { clipSeg } from '../app/models/clip-seg.ts'
import { parseConfig } from '../app/models/family.ts'
import { Network } from '../app/runtime/network.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import { WordMasks } from '../app/runtime/word-masks.ts'
import { joinBatches } from '../app/tensor/batches.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import type { TorchGenerator } from '../app/tensor/random.ts'
import { resample } from '../app/tensor/resample.ts'
import { type Tensor, tensor } from '../app/tensor/tensor.ts'
import { firstWeights } from '../app/training/first-weights.ts'
import { train } from '../app/training/loop.ts'
import { maskTask } from '../app/training/mask-task.ts'
import type { Numbers } from '../app/training/numbers.ts'
import { openComponent, openWeightsIn } from '../app/weights/diffusers-folder.ts'
import { float32ToFloat16 } from '../app/weights/half.ts'
import { readJsonObject } from '../app/weights/json-file.ts'
import { writeSafetensors } from '../app/weights/safetensors.ts'
import { readParameter } from '../app/weights/weight-files.ts'
import { backgrounds } from './sticker-art.ts'
import {
  type Art,
  backgroundFor,
  called,
  compose,
  conceptsIn,
  drawsOf,
  namesOf,
  nounOf,
  placedAlone,
  placedTogether,
  readArt,
  SIDE,
} from './sticker-scenes.ts'

const BATCH = 8
const [artFolder, recipe, evaluation, out, steps = '1500'] = process.argv.slice(2)
if (out === undefined) throw new Error('node scripts/train-mask-model.ts ART RECIPE EVALUATION OUT [STEPS]')
const clip = 'native-models/sticker-world/clip'

/** Words and pictures begin as Sticker World's CLIP has them; the decoder begins with nothing. */
function begin(folder: string): void {
  const { text_config, vision_config, projection_dim } = readJsonObject(join(clip, 'config.json'))
  const config = {
    ...{ architectures: [clipSeg.className], model_type: 'clipseg', text_config, vision_config, projection_dim },
    ...{ extract_layers: [0, 1, 2], reduce_dim: 64, decoder_num_attention_heads: 4, decoder_intermediate_size: 256 },
    ...{ conditional_layer: 0, use_complex_transposed_convolution: true },
  }
  const parsed = parseConfig(clipSeg, config, 'config.json')
  const stored = openWeightsIn(clip)
  const names = new Set(stored.keys())
  const first = firstWeights(clipSeg, 'mask', parsed, { batch: 1, tokens: 1, side: SIDE }, 1n)
  const tensors = first.entries().map(([key, { shape, data }]) => {
    const own = key.replace(/^clip\./, '')
    const numbers = names.has(own) ? readParameter(stored.require(own, shape)) : data
    return [key, { dtype: 'F32', shape, data: numbers }] as const
  })
  mkdirSync(folder, { recursive: true })
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
  writeFileSync(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`)
  const { image_mean, image_std } = readJsonObject(join(clip, 'preprocessor_config.json'))
  const pictures = { do_center_crop: false, size: { height: SIDE, width: SIDE }, resample: 2, image_mean, image_std }
  writeFileSync(join(folder, 'preprocessor_config.json'), `${JSON.stringify(pictures, null, 2)}\n`)
}

const start = join(out, 'start')
if (!existsSync(start)) begin(start)
const concepts = conceptsIn(evaluation)
const often = await readArt(artFolder, namesOf(recipe, 'TOP'), concepts)
const seldom = await readArt(artFolder, namesOf(recipe, 'STAR'), concepts)
console.log(`${often.length} and ${seldom.length} pictures of things`)

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 33 })
const words = new WordMasks(runtime, start, clip)
const pictures = parseClipImageConfig(readJsonObject(join(start, 'preprocessor_config.json')), start)

/** As soft as pictures are that were drawn in few steps. */
function softened(image: RgbImage, random: TorchGenerator): RgbImage {
  const { between } = drawsOf(random)
  const side = Math.round(SIDE / between(1.5, 4))
  return resample(resample(image, { width: side, height: side }, 'bilinear'), image, 'bilinear')
}

/** A scene, words, and where in it that is; now and then something that is not there. */
function example(random: TorchGenerator): { image: RgbImage; text: string; mask: RgbImage } {
  const { oneOf, chance } = drawsOf(random)
  const thing = () => oneOf(chance(0.65) ? often : seldom)
  const first = thing()
  const others = often.filter(({ name, style }) => name !== first.name && style === first.style)
  const isPair = chance(0.5)
  const placed = isPair ? placedTogether(first, oneOf(others), random) : [placedAlone(first, random)]
  const { image: sharp, masks } = compose(
    backgrounds[
      backgroundFor(
        placed.map(({ art }) => art),
        random,
      )
    ],
    placed,
  )
  const image = chance(0.4) ? softened(sharp, random) : sharp
  const shown = placed.map(({ art }) => nounOf(art.name))
  if (chance(0.15)) {
    const absent = oneOf(others.filter(({ name }) => !shown.includes(nounOf(name))))
    return { image, text: wordsFor(absent, random), mask: { ...masks[0], data: new Uint8Array(SIDE * SIDE) } }
  }
  const index = isPair && chance(0.5) ? 1 : 0
  return { image, text: wordsFor(placed[index].art, random), mask: masks[index] }
}

function wordsFor({ name, style }: Art, random: TorchGenerator): string {
  const { oneOf } = drawsOf(random)
  return oneOf([name, called(name), `${called(name)}, ${style} style`, nounOf(name), called(nounOf(name))])
}

const known = new Map<string, Tensor>()
async function conditionOf(text: string): Promise<Tensor> {
  const found = known.get(text) ?? (await words.read(text))
  known.set(text, found)
  return found
}

const sizes = { batch: BATCH, tokens: 1, side: SIDE }
const network = new Network(runtime, clipSeg, openComponent('masks', clipSeg.className, start))
const task = maskTask({
  ...{ runtime, network, sizes },
  async examples(random) {
    const drawn = Array.from({ length: BATCH }, () => example(random))
    const masks = Float32Array.from(
      drawn.flatMap(({ mask }) => [...mask.data]),
      value => value / 255,
    )
    const conditions: Tensor[] = []
    for (const { text } of drawn) conditions.push(await conditionOf(text))
    return {
      pixels: clipPixels(
        drawn.map(({ image }) => image),
        pictures,
      ),
      conditions: joinBatches(conditions),
      masks: tensor([BATCH, SIDE, SIDE], masks),
    }
  },
})

function keep(numbers: Numbers): void {
  const folder = join(out, 'model')
  mkdirSync(folder, { recursive: true })
  for (const name of ['config.json', 'preprocessor_config.json']) cpSync(join(start, name), join(folder, name))
  const tensors = numbers.entries().map(([key, data]) => {
    return [key, { dtype: 'F16', shape: task.shapes.get(key) ?? [], data: float32ToFloat16(data) }] as const
  })
  writeSafetensors(join(folder, 'model.safetensors'), tensors, { format: 'pt' })
}

const total = Number(steps)
const run = train({
  task,
  plan: {
    ...{ steps: total, seed: 7n, accumulation: 1, longestGradient: 1 },
    learningRate: { schedule: 'cosine', rate: 1e-3, warmUp: 100 },
    rateShares: { 'clip.': 0.3 },
    optimiser: { name: 'AdamW', options: { weightDecay: 0.01 } },
    average: { decay: 0.995 },
  },
  habits: { folder: join(out, 'states'), identity: 'masks 1', saveEvery: 100, keep: 1 },
  signal: new AbortController().signal,
})
let smooth = Number.NaN
for (;;) {
  const next = await run.next()
  if (next.done) {
    keep(next.value)
    break
  }
  const { step, loss, secondsLeft = 0, saved, learned } = next.value
  smooth = Number.isNaN(smooth) ? loss : smooth * 0.98 + loss * 0.02
  if (step % 20 === 0) console.log(`step ${step}: ${smooth.toFixed(4)}, ${Math.round(secondsLeft / 60)} minutes left`)
  if (saved !== undefined) keep(learned)
}
