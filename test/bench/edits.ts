/** `npm run bench:edits -- --pictures FILE`: how well pictures are edited by words. FILE lists pictures with captions and exact masks of what they show
 *  (file, caption, kind, name, masks). Single things are swapped for others, each for three, chosen by seed: prompt-to-prompt and DiffEdit beside image to
 *  image of the same strength, by how much stays outside the thing's true mask (PSNR), by how well the new caption fits before and after (the embedded
 *  CLIP), and by how well DiffEdit's mask meets the true one (IoU). Then how exactly pictures are found again from their noise under guidance, and
 *  whether in-painting changes a pixel outside its mask. Then Imagic: each picture is learned for a swap, and drawn at five places of the slider with several
 *  seeds: how well the new caption fits must rise, and how near the picture is must fall. Then instructions: the same swaps and other backgrounds as a model
 *  that follows instructions makes them when it is told.
 *  Options: --count N (cases of each, 102), --found N (pictures found again), --steps N, --threads N, --model PATH,
 *  --only edits,inversion,inpaint,imagic,instruct, --instruct PATH (the model that is told),
 *  --imagic N (pictures learned, 10), --word-steps N, --network-steps N, --network-rate R (of Imagic; usually its own), --learns 'low rank'|all,
 *  --kept FILE (finished cases, one a line: a run goes on where it was stopped), --json FILE, --sheet FILE (PNG). */
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { z } from 'zod'
import { targets } from '../../app/graph/targets.ts'
import { ClipNetwork } from '../../app/metrics/clip-network.ts'
import { clipScores } from '../../app/metrics/clip-score.ts'
import { psnr } from '../../app/metrics/psnr.ts'
import { diffEdit } from '../../app/operations/diffedit.ts'
import { editPictureWords } from '../../app/operations/edit-picture-words.ts'
import { imageToImage } from '../../app/operations/image-to-image.ts'
import { imagic } from '../../app/operations/imagic.ts'
import { inpaint } from '../../app/operations/inpaint.ts'
import { instruct } from '../../app/operations/instruct.ts'
import { invertAndDraw } from '../../app/operations/invert-and-draw.ts'
import { latentsOfPicture } from '../../app/operations/inverted.ts'
import { trainImagic } from '../../app/operations/train-imagic.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { type RgbImage, toImages } from '../../app/tensor/images.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { printEdits } from './edits-table.ts'
import { pictureOfTiles } from './tiles.ts'

const { values } = parseArgs({
  options: {
    pictures: { type: 'string' },
    count: { type: 'string', default: '102' },
    found: { type: 'string', default: '102' },
    steps: { type: 'string', default: '20' },
    threads: { type: 'string', default: String(availableParallelism()) },
    model: { type: 'string', default: 'native-models/sticker-world' },
    only: { type: 'string', default: 'edits,inversion,inpaint' },
    imagic: { type: 'string', default: '10' },
    instruct: { type: 'string', default: 'native-models/sticker-world-instruct' },
    'word-steps': { type: 'string' },
    'network-steps': { type: 'string' },
    'network-rate': { type: 'string' },
    learns: { type: 'string', default: 'low rank' },
    kept: { type: 'string', default: 'artifacts/edits.jsonl' },
    json: { type: 'string', default: 'artifacts/edits.json' },
    sheet: { type: 'string', default: 'artifacts/edits.png' },
  },
})
if (values.pictures === undefined) throw new Error('Say where the pictures are: --pictures FILE.')

const Listed = z.object({
  ...{ file: z.string(), caption: z.string(), kind: z.string(), name: z.string().nullish() },
  masks: z.array(z.string()).default([]),
})
type Listed = z.output<typeof Listed>

/** Of image to image and DiffEdit alike; prompt-to-prompt goes the whole way, and holds to words and shapes instead. */
const STRENGTH = 0.8
const TARGETS_EACH = 3
const NULL_TEXT_STEPS = 10

const folder = dirname(values.pictures)
const listed = z.array(Listed).parse(JSON.parse(readFileSync(values.pictures, 'utf8')))
const runtime = new Runtime({ target: targets.cpu, threads: Number(values.threads), memoryBudget: 2 ** 33 })
const checkpoint = new Checkpoint(values.model, runtime)
const clip = new ClipNetwork(runtime, join(values.model, 'clip'), 'CLIPModel')
const { guidance, width, height } = checkpoint.description.defaults
const common = { guidance, width, height, steps: Number(values.steps), negative: '' }

async function read(file: string, channels: 1 | 3): Promise<RgbImage> {
  const colours = sharp(join(folder, file)).flatten({ background: '#ffffff' })
  const { data, info } = await (channels === 1 ? colours.grayscale() : colours.toColourspace('srgb'))
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

interface Runs {
  readonly parameters: { parse: (value: unknown) => object; shape: object }
  run(context: never, parameters: never): AsyncGenerator<unknown, readonly { readonly image: RgbImage }[]>
}

/** One picture of an operation; what its schema does not know stays out. @param pictures by the parameter that names them  @param by the model that draws */
async function draw(
  operation: Runs,
  given: object,
  pictures: Readonly<Record<string, RgbImage>>,
  by = checkpoint,
): Promise<RgbImage> {
  const named = Object.keys(pictures).map((name, k) => [name, String(k).padStart(64, '0')] as const)
  const sampler = [imageToImage, inpaint, imagic, instruct].some(each => each === operation)
    ? { sampler: 'DDIMScheduler' }
    : {}
  const asked = Object.entries({ ...common, ...sampler, ...given, ...Object.fromEntries(named) })
  const known = asked.filter(([key]) => Object.hasOwn(operation.parameters.shape, key))
  const all = Object.values(pictures)
  const context = {
    ...{ checkpoint: by, signal: new AbortController().signal, wantsPreviews: false, workshop: { runtime } },
    pictures: { read: async (hash: string) => all[Number(hash)] },
  }
  const run = operation.run(context as never, operation.parameters.parse(Object.fromEntries(known)) as never)
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value[0].image
  }
}

/** PSNR of what lies outside of (or inside) a mask, in decibels; nothing changed: 100. */
function psnrWhere(one: RgbImage, other: RgbImage, isIn: (pixel: number) => boolean): number {
  const pick = ({ data }: RgbImage) => data.filter((_, k) => isIn(Math.floor(k / 3)))
  return Math.min(psnr(pick(one), pick(other)), 100)
}

/** Intersection over union of two masks. */
function overlap(one: (pixel: number) => boolean, other: (pixel: number) => boolean, pixels: number): number {
  const all = Array.from({ length: pixels }, (_, k) => [one(k), other(k)])
  const both = all.filter(([a, b]) => a && b).length
  const any = all.filter(([a, b]) => a || b).length
  return any === 0 ? 0 : both / any
}

async function fitting(image: RgbImage, caption: string): Promise<number> {
  const [score] = clipScores(await clip.features([image]), await clip.texts([caption]))
  return score
}

// What is finished is not done again.
const done = new Map<string, Record<string, number>>()
if (existsSync(values.kept)) {
  for (const line of readFileSync(values.kept, 'utf8').split('\n').filter(Boolean)) {
    const { id, ...figures } = JSON.parse(line)
    done.set(id, figures)
  }
}
mkdirSync(dirname(values.kept), { recursive: true })
async function once(id: string, work: () => Promise<Record<string, number>>): Promise<void> {
  if (done.has(id)) return
  const begin = performance.now()
  const figures = await work()
  done.set(id, figures)
  appendFileSync(values.kept, `${JSON.stringify({ id, ...figures })}\n`)
  console.log(`${id} ${((performance.now() - begin) / 1000).toFixed(1)} s ${JSON.stringify(figures)}`)
}

const singles = listed.filter(({ kind, name, masks }) => kind === 'single' && name && masks.length === 1)
const names = [...new Set(singles.flatMap(({ name }) => name ?? []))]
const rows: RgbImage[][] = []

/** What a thing is swapped for: `k` of the others, in an order that the seed chooses. */
function otherName(name: string, seed: number, k: number): string {
  const others = names.filter(each => each !== name)
  const order = new TorchGenerator(BigInt(seed)).permutation(others.length)
  return others[order[k]]
}

async function editCase(picture: Listed, seed: number, k: number): Promise<void> {
  const { file, caption, name } = picture
  if (!name) return
  const other = otherName(name, seed, k)
  await once(`edit ${file} ${other}`, async () => {
    const [image, mask] = [await read(file, 3), await read(picture.masks[0], 1)]
    const to = caption.replace(name, other)
    const words = { prompt: caption, to, seed: BigInt(seed) }
    const isThing = (pixel: number) => mask.data[pixel] >= 128
    const isOutside = (pixel: number) => mask.data[pixel] === 0
    const reworked = await draw(imageToImage, { ...words, prompt: to, strength: STRENGTH }, { image })
    const edited = await draw(editPictureWords, { ...words, onlyWhere: `${name} ${other}` }, { image })
    const masked = await draw(diffEdit, { ...words, strength: STRENGTH }, { image }).catch(() => image)
    const changed = (pixel: number) => [0, 1, 2].some(c => masked.data[pixel * 3 + c] !== image.data[pixel * 3 + c])
    if (rows.length < 12) rows.push([image, reworked, edited, masked])
    return {
      before: await fitting(image, to),
      ...{ imageToImage: psnrWhere(reworked, image, isOutside), imageToImageFit: await fitting(reworked, to) },
      ...{ promptToPrompt: psnrWhere(edited, image, isOutside), promptToPromptFit: await fitting(edited, to) },
      ...{ diffEdit: psnrWhere(masked, image, isOutside), diffEditFit: await fitting(masked, to) },
      maskOverlap: overlap(changed, isThing, mask.data.length),
    }
  })
}

/** What backgrounds of the embedded model can be. */
const BACKGROUNDS = ['gray', 'red', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink', 'brown']
/** How hard a picture that is edited as it is told is held to what it was. */
const HOLD = 1.5

/** A swap, and another background, as they are told; beside image to image with the new caption. */
async function instructCase(picture: Listed, seed: number, k: number, told: Checkpoint): Promise<void> {
  const { file, caption, name } = picture
  if (!name) return
  const [image, mask] = [await read(file, 3), await read(picture.masks[0], 1)]
  const other = otherName(name, seed, k)
  const old = /, on an? (.+?) background/.exec(caption)?.[1] ?? 'white'
  const colour = BACKGROUNDS.filter(each => each !== old)[(seed + k) % (BACKGROUNDS.length - 1)]
  const onColour = `, on ${/^[aeiou]/.test(colour) ? 'an' : 'a'} ${colour} background`
  const there = caption.replace(/, on an? .+? background/, '') + onColour
  const isThing = (pixel: number) => mask.data[pixel] >= 250
  const isOutside = (pixel: number) => mask.data[pixel] === 0
  const measured = async (asked: string, to: string, stays: (pixel: number) => boolean) => {
    const words = { prompt: to, seed: BigInt(seed), strength: STRENGTH }
    const reworked = await draw(imageToImage, words, { image })
    const own = { prompt: asked, pictureGuidance: HOLD, guidance: told.description.defaults.guidance }
    const edited = await draw(instruct, { ...words, ...own }, { image }, told)
    if (rows.length < 24) rows.push([image, reworked, edited])
    return {
      before: await fitting(image, to),
      ...{ imageToImage: psnrWhere(reworked, image, stays), imageToImageFit: await fitting(reworked, to) },
      ...{ instruct: psnrWhere(edited, image, stays), instructFit: await fitting(edited, to) },
    }
  }
  await once(`told-swap ${file} ${other}`, () =>
    measured(
      `turn the ${name} into ${/^[aeiou]/.test(other) ? 'an' : 'a'} ${other}`,
      caption.replace(name, other),
      isOutside,
    ),
  )
  await once(`told-background ${file} ${colour}`, () => measured(`make the background ${colour}`, there, isThing))
}

async function inversionCase(picture: Listed, guidance: number): Promise<void> {
  const { file, caption } = picture
  await once(`found ${file} ${guidance}`, async () => {
    const image = await read(file, 3)
    const again = async (inversion: string) => {
      const words = { prompt: caption, to: caption, seed: 0n, guidance, inversion, innerSteps: NULL_TEXT_STEPS }
      return psnr((await draw(invertAndDraw, words, { image })).data, image.data)
    }
    // No way to the noise and back can do better than this.
    const [coded] = toImages(await checkpoint.decode(await latentsOfPicture(checkpoint, image)))
    return {
      autoencoder: psnr(coded.data, image.data),
      nullText: await again('null-text'),
      ddim: await again('ddim'),
      negativePrompt: await again('negative-prompt'),
    }
  })
}

async function inpaintCase(picture: Listed, seed: number): Promise<void> {
  const { file, caption, masks } = picture
  await once(`inpaint ${file} ${seed}`, async () => {
    const [image, gray] = [await read(file, 3), await read(masks[0], 1)]
    const mask = {
      ...gray,
      data: Uint8Array.from({ length: gray.data.length * 3 }, (_, k) => gray.data[Math.floor(k / 3)]),
    }
    const filled = await draw(inpaint, { prompt: caption, seed: BigInt(seed), steps: 8 }, { image, mask })
    const differing = filled.data.filter((value, k) => gray.data[Math.floor(k / 3)] === 0 && value !== image.data[k])
    return { differing: differing.length }
  })
}

/** Places of Imagic's slider, and the seeds that each is drawn with. */
const ETAS = [0, 0.25, 0.5, 0.75, 1]
const SLIDER_SEEDS = [0n, 1n, 2n, 3n, 4n]

/** Learns a picture for a swap of what it shows, as `train-imagic` does. @returns the file */
async function learned(image: RgbImage, words: string, seed: number, home: string): Promise<string> {
  const target = join(home, 'learned.safetensors')
  const chosen = trainImagic.parameters.parse({
    ...{ image: '0'.repeat(64), words, learns: values.learns },
    ...(values['word-steps'] !== undefined && { wordSteps: Number(values['word-steps']) }),
    ...(values['network-steps'] !== undefined && { steps: Number(values['network-steps']) }),
    ...(values['network-rate'] !== undefined && { learningRate: Number(values['network-rate']) }),
  })
  const workshop = {
    ...{ runtime, home, isEnough: () => false, rest: async () => {}, job: 'bench' },
    encodePicture: ({ data, width, height }: RgbImage) =>
      sharp(data, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
  }
  const making = { source: values.model, target, hashes: {}, mergedLoras: () => [] }
  const context = {
    ...{ checkpoint, workshop, making, signal: new AbortController().signal, wantsPreviews: false },
    pictures: { read: async () => image },
  }
  const run = trainImagic.run(context as never, { ...chosen, width, height, seed: BigInt(seed) })
  for (let next = await run.next(); !next.done; next = await run.next());
  return target
}

async function imagicCase(picture: Listed, seed: number): Promise<void> {
  const { file, caption, name } = picture
  if (!name) return
  const words = caption.replace(name, otherName(name, seed, 0))
  await once(`imagic ${file}`, async () => {
    const image = await read(file, 3)
    const home = mkdtempSync(join(tmpdir(), 'sfumato-imagic-'))
    const path = await learned(image, words, seed, home)
    const figures: Record<string, number> = { before: await fitting(image, words) }
    const drawn: RgbImage[] = []
    for (const toward of ETAS) {
      const all: RgbImage[] = []
      for (const each of SLIDER_SEEDS)
        all.push(await draw(imagic, { prompt: words, learned: path, toward, seed: each }, {}))
      drawn.push(all[0])
      let [fit, near] = [0, 0]
      for (const one of all) {
        fit += (await fitting(one, words)) / all.length
        near += psnr(one.data, image.data) / all.length
      }
      figures[`fit ${toward}`] = fit
      figures[`near ${toward}`] = near
    }
    if (rows.length < 12) rows.push([image, ...drawn])
    rmSync(home, { recursive: true, force: true })
    return figures
  })
}

const [count, found] = [Number(values.count), Number(values.found)]
const only = values.only.split(',')
if (only.includes('edits')) {
  const cases = Array.from({ length: TARGETS_EACH }, (_, k) =>
    singles.map((picture, seed) => [picture, seed, k] as const),
  )
  for (const each of cases.flat().slice(0, count)) await editCase(...each)
}
if (only.includes('inpaint')) {
  const cases = Array.from({ length: TARGETS_EACH }, (_, seed) => singles.map(picture => [picture, seed] as const))
  for (const each of cases.flat().slice(0, count)) await inpaintCase(...each)
}
if (only.includes('inversion')) {
  const cases = [guidance, 7.5].flatMap(scale => listed.map(picture => [picture, scale] as const))
  for (const each of cases.slice(0, found)) await inversionCase(...each)
}
if (only.includes('imagic')) {
  for (const [seed, picture] of singles.slice(0, Number(values.imagic)).entries()) await imagicCase(picture, seed)
}
if (only.includes('instruct')) {
  const told = new Checkpoint(values.instruct, runtime)
  const cases = Array.from({ length: TARGETS_EACH }, (_, k) =>
    singles.map((picture, seed) => [picture, seed, k] as const),
  )
  for (const each of cases.flat().slice(0, count)) await instructCase(...each, told)
}
await runtime.release()

printEdits(done, { strength: STRENGTH, etas: ETAS })
writeFileSync(
  values.json,
  JSON.stringify({ model: values.model, steps: common.steps, cases: Object.fromEntries(done) }, null, 2),
)
if (rows.length > 0) writeFileSync(values.sheet, await pictureOfTiles(rows))
