/** `npm run bench:control -- --pack FOLDER`: how far controls and guides hold pictures, with the embedded models.
 *  The evaluation pack's control pictures (16 edges, 16 poses) x seeds, with and without control: edges agree (F1 within 2 pixels), joints lie where the pose says
 *  (PCK: within a fifth of the way from neck to hips), what a control costs a step; colours and CLIP scores under guides of several strengths.
 *  Options: --only colour|clip|pose|edge --seeds N (13) --steps N (20) --pictures N (16) --threads N. Prints tables; writes JSON and a contact sheet (`--out FOLDER`, default artifacts/control). */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { targets } from '../../app/graph/targets.ts'
import { ClipNetwork } from '../../app/metrics/clip-network.ts'
import { clipScores } from '../../app/metrics/clip-score.ts'
import { edgeAgreement } from '../../app/metrics/edge-agreement.ts'
import { drawWithoutWords } from '../../app/operations/draw-without-words.ts'
import { noClassifier, noGuides } from '../../app/operations/guide-parameters.ts'
import type { GivenPictures, OperationPicture, Progress } from '../../app/operations/operation.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { PixelModel } from '../../app/runtime/pixel-model.ts'
import { PoseModel } from '../../app/runtime/pose-model.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { cannyEdges } from '../../app/tensor/canny.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import { type Figure, jointAt } from '../../app/tensor/pose/figure.ts'
import { median } from './median.ts'

const { values } = parseArgs({
  options: {
    pack: { type: 'string' },
    seeds: { type: 'string', default: '13' },
    steps: { type: 'string', default: '20' },
    pictures: { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
    /** One of its parts alone: colour, clip, pose or edge. */
    only: { type: 'string' },
    out: { type: 'string', default: 'artifacts/control' },
  },
})
if (values.pack === undefined) throw new Error('Name the folder of the evaluation pack with --pack.')
const pack = values.pack
const [seeds, steps, count, threads] = [values.seeds, values.steps, values.pictures, values.threads].map(Number)
const out = values.out
mkdirSync(out, { recursive: true })

const native = (name: string) => `native-models/${name}`
const runtime = new Runtime({ target: targets.cpu, threads, memoryBudget: 2 ** 33 })
const surroundings = { signal: new AbortController().signal, wantsPreviews: false }

async function read(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}
const pictures: GivenPictures = { read }

interface Item {
  readonly file: string
  readonly caption: string
  readonly skeleton?: string
  readonly edges?: string
  readonly keypoints?: readonly (readonly [number, number])[]
}
function itemsOf(kind: 'edge' | 'pose'): Item[] {
  const listed: Item[] | { readonly items: Item[] } = JSON.parse(readFileSync(join(pack, `${kind}.json`), 'utf8'))
  return (Array.isArray(listed) ? listed : listed.items).slice(0, count)
}
/** The control picture of an item: beside its picture, under the same number. */
const controlOf = (kind: 'edge' | 'pose', { file }: Item): string =>
  join(pack, file.replace('.png', kind === 'edge' ? '_edge.png' : '_skeleton.png'))

/** Runs to its end. @returns the picture and the seconds of its steps but the first, which opens the networks */
async function finished(run: AsyncGenerator<Progress, readonly OperationPicture[]>) {
  const times: number[] = []
  let last = performance.now()
  for (;;) {
    const next = await run.next()
    const now = performance.now()
    if (next.done) return { image: next.value[0].image, times: times.slice(2) }
    times.push((now - last) / 1000)
    last = now
  }
}

function drawing(checkpoint: Checkpoint, prompt: string, seed: number, changes: object = {}) {
  const { width, height, sampler, guidance } = checkpoint.description.defaults
  const common = textToImage.parameters.parse({ prompt, ...changes })
  const chosen = { ...common, steps, guidance, sampler, width, height, seed: BigInt(seed) }
  return finished(textToImage.run({ checkpoint, pictures, ...surroundings }, chosen))
}

const joints = existsSync(native('sticker-world-joints'))
  ? new PoseModel(runtime, native('sticker-world-joints'))
  : undefined
const figureOf = ({ keypoints = [] }: Item): Figure => keypoints.map(([x, y]) => ({ x, y }))

/** Joints that lie within a fifth of the way from neck to hips of where they should. */
function correct(found: Figure, wanted: Figure): number {
  const [neck, right, left] = [1, 8, 11].map(joint => jointAt(wanted, joint) ?? { x: 0, y: 0 })
  const reach = Math.hypot(neck.x - (right.x + left.x) / 2, neck.y - (right.y + left.y) / 2) / 5
  const near = wanted.filter((joint, k) => {
    const ours = jointAt(found, k)
    return joint !== null && ours !== undefined && Math.hypot(ours.x - joint.x, ours.y - joint.y) <= reach
  })
  return near.length / wanted.length
}

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, each) => sum + each, 0) / Math.max(numbers.length, 1)
const edges = (image: RgbImage): RgbImage => cannyEdges(image, { low: 60, high: 140 })

const sheet: RgbImage[][] = []

async function measure(kind: 'edge' | 'pose', model: string) {
  const found = { with: [] as number[], without: [] as number[], pckWith: [] as number[], pckWithout: [] as number[] }
  const times = { with: [] as number[], without: [] as number[] }
  const own: number[] = []
  for (const [place, item] of itemsOf(kind).entries()) {
    const source = await read(join(pack, item.file))
    const control = await read(controlOf(kind, item))
    const wanted = kind === 'edge' ? control : edges(source)
    const figure = figureOf(item)
    if (kind === 'pose' && joints) own.push(correct(await joints.find(source), figure))
    const held = { controls: [{ model, image: controlOf(kind, item) }] }
    for (let seed = 0; seed < seeds; seed++) {
      const free = await drawing(plain, item.caption, seed)
      const drawn = await drawing(under, item.caption, seed, held)
      times.without.push(...free.times)
      times.with.push(...drawn.times)
      found.without.push(edgeAgreement(edges(free.image), wanted))
      found.with.push(edgeAgreement(edges(drawn.image), wanted))
      if (kind === 'pose' && joints) {
        found.pckWithout.push(correct(await joints.find(free.image), figure))
        found.pckWith.push(correct(await joints.find(drawn.image), figure))
      }
      if (seed === 0 && place < 8) sheet.push([source, control, drawn.image, free.image])
    }
    console.log(`${kind} ${place + 1}: with ${mean(found.with).toFixed(3)}, without ${mean(found.without).toFixed(3)}`)
  }
  const seconds = { with: median(times.with), without: median(times.without) }
  return {
    ...{ f1With: mean(found.with), f1Without: mean(found.without), cost: seconds.with / seconds.without },
    ...(own.length > 0 && {
      pckOfPictures: mean(own),
      pckWith: mean(found.pckWith),
      pckWithout: mean(found.pckWithout),
    }),
  }
}

const [edgeModel, poseModel] = [native('sticker-world-edges'), native('sticker-world-pose')]
const plain = new Checkpoint(native('sticker-world'), runtime)
const under = new Checkpoint(native('sticker-world'), runtime, { controls: [edgeModel, poseModel] })

const colour = '#2040ff'
const target = [0x20, 0x40, 0xff]
/** How far the mean colour is from the wanted one, in grey levels over three channels. */
const offColour = ({ data }: RgbImage): number =>
  mean(target.map((level, c) => Math.abs(mean([...data].filter((_, k) => k % 3 === c)) - level)))

/** Pictures of the faces model under guides. */
async function faces(seed: number, changes: object): Promise<RgbImage> {
  const model = new PixelModel(native('sticker-faces'), runtime)
  const { sampler } = model.description.defaults
  const chosen = { ...noGuides, ...noClassifier, seed: BigInt(seed), steps, sampler, eta: 0, count: 1, ...changes }
  return (await finished(drawWithoutWords.run({ unconditional: model, pictures, ...surroundings }, chosen))).image
}

const allSeeds = Array.from({ length: seeds }, (_, seed) => seed)
/** How many seeds stand on the contact sheet of guides. */
const SHOWN = 4

/** Mean, and half the width of its interval of 95 %, over seeds. */
function spread(numbers: readonly number[]) {
  const middle = mean(numbers)
  const variance = numbers.reduce((sum, each) => sum + (each - middle) ** 2, 0) / Math.max(numbers.length - 1, 1)
  return { mean: middle, interval: 1.96 * Math.sqrt(variance / numbers.length) }
}

/** How far the mean colour is from the wanted one under pulls of several strengths, by both gradients. */
async function colours() {
  const table: { strength: number; through: string; model: string; mean: number; interval: number }[] = []
  const models = {
    words: async (seed: number, pull: object) => (await drawing(plain, 'a rocket, 3d style', seed, pull)).image,
    pixels: faces,
  }
  const strengths = { pixels: [0, 0.1, 0.25, 0.5, 1], words: [0, 10, 25, 50] }
  for (const model of ['pixels', 'words'] as const) {
    for (const strength of strengths[model]) {
      for (const guideThrough of strength === 0 ? (['estimate'] as const) : (['estimate', 'network'] as const)) {
        const pull = strength === 0 ? {} : { guideColour: colour, colourStrength: strength, guideThrough }
        const images: RgbImage[] = []
        for (const seed of allSeeds) images.push(await models[model](seed, pull))
        sheet.push(images.slice(0, SHOWN))
        await writeSheet()
        const found = spread(images.map(offColour))
        table.push({ strength, through: guideThrough, model, ...found })
        console.log(`colour, ${model} ${strength} through the ${guideThrough}: ${figure(found)} levels off`)
      }
    }
  }
  return table
}

/** CLIP scores of the faces model's pictures under words that CLIP sees. */
async function clipWords() {
  const clip = new ClipNetwork(runtime, native('sticker-world/clip'), 'CLIPModel')
  const guideWords = 'a cat face'
  const text = await clip.texts([guideWords])
  const table: { strength: number; through: string; mean: number; interval: number }[] = []
  for (const strength of [0, 0.5, 1, 2]) {
    for (const guideThrough of strength === 0 ? (['estimate'] as const) : (['estimate', 'network'] as const)) {
      const pull = { guideWords, wordsStrength: strength, guideThrough, guideModel: native('sticker-world/clip') }
      const images: RgbImage[] = []
      for (const seed of allSeeds) images.push(await faces(seed, strength === 0 ? {} : pull))
      sheet.push(images.slice(0, SHOWN))
      await writeSheet()
      const features = await clip.features(images)
      const width = features.shape[1]
      const each = images.map(
        (_, k) => clipScores({ shape: [1, width], data: features.data.subarray(k * width, (k + 1) * width) }, text)[0],
      )
      const found = spread(each)
      table.push({ strength, through: guideThrough, ...found })
      console.log(`CLIP ${strength} through the ${guideThrough}: ${figure(found)}`)
    }
  }
  return table
}

const figure = (found: { readonly mean: number; readonly interval: number }): string =>
  `${found.mean.toFixed(1)} ± ${found.interval.toFixed(1)}`

async function writeSheet(): Promise<void> {
  const side = 128
  const tiles = sheet.flatMap((row, y) => row.map((image, x) => ({ image, left: x * (side + 4), top: y * (side + 4) })))
  const composite = await Promise.all(
    tiles.map(async ({ image: { data, width, height }, left, top }) => ({
      // Small pictures are shown as large as the others, pixel for pixel.
      input: await sharp(data, { raw: { width, height, channels: 3 } })
        .resize(side, side, { kernel: 'nearest' })
        .png()
        .toBuffer(),
      ...{ left, top },
    })),
  )
  const size = { width: 4 * (side + 4), height: sheet.length * (side + 4) }
  await sharp({ create: { ...size, channels: 3, background: '#808080' } })
    .composite(composite)
    .png()
    .toFile(join(out, 'sheet.png'))
}

const wants = (part: string) => values.only === undefined || values.only === part
const figures = {
  ...{ seeds, steps, pictures: count },
  ...(wants('colour') && { colours: await colours() }),
  ...(wants('clip') && { clip: await clipWords() }),
  ...(wants('pose') && { pose: await measure('pose', poseModel) }),
  ...(wants('edge') && { edge: await measure('edge', edgeModel) }),
}
if (sheet.length > 0) await writeSheet()
writeFileSync(join(out, 'control.json'), `${JSON.stringify(figures, undefined, 2)}\n`)
console.log(JSON.stringify(figures, undefined, 2))
await runtime.release()
