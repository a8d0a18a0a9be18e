/** `npm run bench:concepts -- --concepts FILE`: how well *Teach a concept (LoRA)* learns, with its own defaults. Of each set of pictures the last two
 *  are held back, the others are learned, and the concept is drawn on a background that no caption of the set names: as what all captions share says
 *  it, and once more as the first caption does, where that says more (a posture). A figure is the cosine, in the
 *  embedded CLIP's vision tower, between a drawn picture and a held-back one, mean over the two; it counts against the untrained model's with the
 *  same prompt and seed. FILE lists sets: name, token, class_word, images (file beside FILE, caption).
 *  Options: --only NAMES (with commas), --choices JSON (of the operation, instead of its defaults), --seeds N, --training-seed N, --model PATH,
 *  --background COLOUR (default: the first of a list that the set does not name), --threads N, --json FILE, --sheet FILE (PNG, three rows a set: held
 *  back and untrained, trained, prompts without the identifier). Ends with 1 where a set does not get closer by two standard errors. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { z } from 'zod'
import { targets } from '../../app/graph/targets.ts'
import { cosines } from '../../app/metrics/clip-score.ts'
import { type FeatureNetwork, openFeatureNetwork } from '../../app/metrics/feature-network.ts'
import { psnr } from '../../app/metrics/psnr.ts'
import { trainLora } from '../../app/operations/train-lora.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import { tensor } from '../../app/tensor/tensor.ts'
import { drawSights } from '../../app/training/draw.ts'
import { pictureOfTiles } from './tiles.ts'

const { values } = parseArgs({
  options: {
    concepts: { type: 'string' },
    only: { type: 'string' },
    choices: { type: 'string', default: '{}' },
    background: { type: 'string' },
    seeds: { type: 'string', default: '8' },
    'training-seed': { type: 'string', default: '0' },
    model: { type: 'string', default: 'native-models/sticker-world' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string', default: 'artifacts/concepts.json' },
    sheet: { type: 'string', default: 'artifacts/concepts.png' },
  },
})
if (values.concepts === undefined) throw new Error('Say where the sets are: --concepts FILE.')

const ConceptSet = z.object({
  name: z.string(),
  token: z.string(),
  class_word: z.string(),
  images: z.array(z.object({ file: z.string(), caption: z.string() })).min(3),
})
type ConceptSet = z.output<typeof ConceptSet>

const HELD_BACK = 2
/** What pictures are drawn on, the first that a set does not name. */
const BACKGROUNDS = ['purple', 'pink', 'brown', 'beige', 'lime', 'orange']
/** Prompts that do not name what was learned: things, a character and a solid that the embedded model knows. */
const OTHER_PROMPTS = [
  'a red apple, 3d style, on a blue background',
  'a cat, cartoon style, on a green background',
  'a rocket, 3d style, on a dark blue background',
  'a house, flat style, on a yellow background',
  'a chef character in a red outfit, waving',
  'a shiny green sphere, render style',
]

const place = dirname(values.concepts)
const runtime = new Runtime({ target: targets.cpu, threads: Number(values.threads), memoryBudget: 2 ** 32 })
const signal = new AbortController().signal
const home = mkdtempSync(join(tmpdir(), 'sfumato-concepts-'))
const seeds = Array.from({ length: Number(values.seeds) }, (_, k) => BigInt(1000 + k))

async function readPicture(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path)
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

/** Learns all pictures but the last two. @returns the LoRA's file, and how long that took with everything around it */
async function teach({ name, token, class_word, images }: ConceptSet, checkpoint: Checkpoint) {
  const folder = mkdtempSync(join(home, 'pictures-'))
  for (const { file, caption } of images.slice(0, -HELD_BACK)) {
    cpSync(join(place, file), join(folder, basename(file)))
    writeFileSync(join(folder, basename(file).replace(/\.\w+$/, '.txt')), caption)
  }
  const asked = { images: folder, name, identifier: token, class: class_word, ...JSON.parse(values.choices) }
  const chosen = { ...trainLora.parameters.parse(asked), seed: BigInt(values['training-seed']) }
  const path = join(folder, 'learned.safetensors')
  const encodePicture = async ({ data }: RgbImage) => data
  const workshop = { runtime, home, readPicture, encodePicture, isEnough: () => false, rest: async () => {}, job: name }
  const making = { source: checkpoint.description.path, target: path, hashes: {}, mergedLoras: () => [] }
  const start = performance.now()
  const run = trainLora.run({ checkpoint, workshop, making, signal, wantsPreviews: false }, chosen)
  let next = await run.next()
  while (!next.done) next = await run.next()
  return { path, seconds: (performance.now() - start) / 1000 }
}

/** What all captions share, on a background of another colour; then the first caption, where that says more. */
function promptsOf({ token, class_word, images }: ConceptSet): string[] {
  const captions = images.slice(0, -HELD_BACK).map(({ caption }) => caption)
  const isNew = (colour: string) => !captions.some(caption => caption.includes(` ${colour} background`))
  const colour = [values.background ?? [], BACKGROUNDS].flat().find(isNew)
  if (colour === undefined)
    throw new Error('The captions name every background that is tried; choose another one: --background.')
  const parts = captions.map(caption => caption.replace(/, on an? [\w ]+ background/, '').split(', '))
  const [first] = parts
  const agreed = first.filter(part => parts.every(each => each.includes(part)))
  const shared = agreed.length > 0 ? agreed : [`a ${token} ${class_word}`]
  return [...new Set([shared, first].map(each => `${each.join(', ')}, on a ${colour} background`))]
}

/** Each picture's mean similarity to the pictures that were held back. */
async function closeness(
  network: FeatureNetwork,
  drawn: readonly RgbImage[],
  held: readonly RgbImage[],
): Promise<number[]> {
  const own = await network.features(drawn)
  const others = await network.features(held)
  const [count, width] = own.shape
  const sums = new Array<number>(count).fill(0)
  for (let k = 0; k < held.length; k++) {
    const row = others.data.subarray(k * width, (k + 1) * width)
    const repeated = tensor(
      [count, width],
      Float32Array.from({ length: count * width }, (_, i) => row[i % width]),
    )
    for (const [picture, cosine] of cosines(own, repeated).entries()) sums[picture] += cosine / held.length
  }
  return sums
}

const mean = (all: readonly number[]): number => all.reduce((sum, each) => sum + each, 0) / all.length

/** Of a mean of differences, each between two pictures of one seed. */
function standardError(differences: readonly number[]): number {
  const middle = mean(differences)
  const variance = differences.reduce((sum, each) => sum + (each - middle) ** 2, 0) / (differences.length - 1)
  return Math.sqrt(variance / differences.length)
}

const plain = new Checkpoint(values.model, runtime)
const network = openFeatureNetwork(join(values.model, 'clip'), runtime)
const between = { signal, rest: async () => {} }
const draw = (checkpoint: Checkpoint, prompt: string) =>
  drawSights(
    checkpoint,
    seeds.map(seed => ({ prompt, seed })),
    between,
  )
const drawOthers = (checkpoint: Checkpoint) =>
  drawSights(
    checkpoint,
    OTHER_PROMPTS.map((prompt, k) => ({ prompt, seed: BigInt(k) })),
    between,
  )

/** Draws a prompt before and after, and compares both with what was held back. */
async function compared(taught: Checkpoint, prompt: string, held: readonly RgbImage[]) {
  const [before, after] = [await draw(plain, prompt), await draw(taught, prompt)]
  const [untrained, trained] = [await closeness(network, before, held), await closeness(network, after, held)]
  const differences = trained.map((each, k) => each - untrained[k])
  const error = standardError(differences)
  const figures = {
    ...{ prompt, untrained: mean(untrained), trained: mean(trained) },
    ...{ difference: mean(differences), error, ratio: mean(differences) / error },
  }
  return { figures, before, after }
}

async function measure(set: ConceptSet, others: readonly RgbImage[]) {
  const { path, seconds } = await teach(set, plain)
  const taught = new Checkpoint(values.model, runtime, { loras: [{ path, strength: 1 }] })
  const held = await Promise.all(set.images.slice(-HELD_BACK).map(({ file }) => readPicture(join(place, file))))
  const [shared, ...more] = promptsOf(set)
  const { figures: asShared, before, after } = await compared(taught, shared, held)
  const asFirst: (typeof asShared)[] = []
  for (const prompt of more) asFirst.push((await compared(taught, prompt, held)).figures)
  const othersAfter = await drawOthers(taught)
  const same = cosines(await network.features(others), await network.features(othersAfter))
  const decibels = othersAfter.map(({ data }, k) => psnr(data, others[k].data))
  const figures = {
    ...{ name: set.name, seconds, ...asShared },
    ...{ asFirst, others: { decibels, same } },
  }
  return {
    figures,
    rows: [
      [...held, ...before],
      [...held.map(() => undefined), ...after],
      [undefined, undefined, ...othersAfter],
    ],
  }
}

/** After each set, so that a run that is stopped leaves what it measured. */
async function write(found: readonly Awaited<ReturnType<typeof measure>>[]): Promise<void> {
  for (const file of [values.json, values.sheet]) mkdirSync(dirname(file), { recursive: true })
  const figures = found.map(each => each.figures)
  writeFileSync(values.json, JSON.stringify({ model: values.model, choices: values.choices, figures }, null, 2))
  writeFileSync(values.sheet, await pictureOfTiles(found.flatMap(({ rows }) => rows)))
}

const sets = z.array(ConceptSet).parse(JSON.parse(readFileSync(values.concepts, 'utf8')))
const only = values.only?.split(',')
try {
  console.log(`${network.label}; ${seeds.length} seeds a set, differences between pictures of one seed`)
  const titles = ['untrained', 'trained', 'difference', 'error', 'ratio', 'seconds', 'others: PSNR', 'CLIP change']
  console.log('set'.padEnd(20) + titles.map(title => title.padStart(13)).join(''))
  const others = await drawOthers(plain)
  const found: Awaited<ReturnType<typeof measure>>[] = []
  for (const set of sets.filter(({ name }) => only?.includes(name) ?? true)) {
    const measured = await measure(set, others)
    const { name, untrained, trained, difference, error, ratio, seconds, others: kept } = measured.figures
    const cells = [...[untrained, trained, difference, error].map(each => each.toFixed(4)), ratio.toFixed(1)]
    cells.push(seconds.toFixed(0), `${mean(kept.decibels).toFixed(1)} dB`, (1 - mean(kept.same)).toFixed(4))
    console.log(name.padEnd(20) + cells.map(cell => cell.padStart(13)).join(''))
    for (const each of measured.figures.asFirst) {
      const more = [each.untrained, each.trained, each.difference, each.error].map(value => value.toFixed(4))
      console.log(' as its first'.padEnd(20) + [...more, each.ratio.toFixed(1)].map(cell => cell.padStart(13)).join(''))
    }
    found.push(measured)
    await write(found)
  }
  // NaN, of pictures that are all alike, does not pass either.
  if (!found.every(each => each.figures.ratio >= 2)) process.exitCode = 1
} finally {
  await runtime.release()
  rmSync(home, { recursive: true, force: true })
}
