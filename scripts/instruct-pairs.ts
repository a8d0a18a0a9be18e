/** Makes a data set of instructions with prompt-to-prompt, as InstructPix2Pix's was made (Brooks et al. 2023, arXiv:2211.09800, section 3.1):
 *  `npm run pairs -- LINES OUT [--model DIR] [--clip DIR] [--pairs 2] [--tries 6] [--alike 0] [--changed 0.2] [--seed 0] [--threads N]`.
 *  LINES is a file of JSON, one object a line: {"caption": "a red car", "edited": "a blue car", "instruction": "make it blue"}. For each, pictures of
 *  both captions are drawn from the same noise, the second with the attention of the first for a part of the steps that differs by try; a pair is kept
 *  where CLIP finds that they changed as the captions did (--changed, a cosine) and that the pictures are alike (--alike; 0.75 in the paper, whose CLIP
 *  hardly sees colours; the built-in one sees them most). The best of each line go to
 *  OUT/before and OUT/after, with the instruction in a text file beside: what `npm run train -- instruct --images OUT/after --before OUT/before` takes.
 *  A run that was stopped goes on. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { z } from 'zod'
import { targets } from '../app/graph/targets.ts'
import { ClipNetwork } from '../app/metrics/clip-network.ts'
import { cosines, directionalSimilarity } from '../app/metrics/clip-score.ts'
import { editWords } from '../app/operations/edit-words.ts'
import { textToImage } from '../app/operations/text-to-image.ts'
import { Checkpoint } from '../app/runtime/checkpoint.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import { TorchGenerator } from '../app/tensor/random.ts'
import { type Tensor, tensor } from '../app/tensor/tensor.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'native-models/sticker-world' },
    clip: { type: 'string' },
    pairs: { type: 'string', default: '2' },
    tries: { type: 'string', default: '6' },
    alike: { type: 'string', default: '0' },
    changed: { type: 'string', default: '0.2' },
    seed: { type: 'string', default: '0' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
})
const [lines, out] = positionals
if (out === undefined) throw new Error('npm run pairs -- LINES OUT')

const Line = z.object({
  caption: z.string().min(1),
  edited: z.string().min(1),
  instruction: z.string().min(1),
})
type Line = z.output<typeof Line>

/** For how much of the steps words look where they looked, at least and at most: section 3.1.2 draws it evenly from this range. */
const PLACEMENT = [0.1, 0.9] as const

const runtime = new Runtime({ target: targets.cpu, threads: Number(values.threads), memoryBudget: 2 ** 33 })
const checkpoint = new Checkpoint(values.model, runtime)
const clip = new ClipNetwork(runtime, values.clip ?? join(values.model, 'clip'), 'CLIPModel')

interface Runs {
  run(context: never, parameters: never): AsyncGenerator<unknown, readonly { readonly image: RgbImage }[]>
}

async function drawn(operation: Runs, parameters: object): Promise<RgbImage> {
  const context = { checkpoint, signal: new AbortController().signal, wantsPreviews: false }
  const { width, height, steps, guidance } = checkpoint.description.defaults
  const run = operation.run(context as never, { width, height, steps, guidance, ...parameters } as never)
  let next = await run.next()
  while (!next.done) next = await run.next()
  return next.value[0].image
}

/** Rows of length 1. */
function unit({ shape, data }: Tensor): Tensor {
  const [rows, width] = shape
  const lengths = Array.from({ length: rows }, (_, k) => Math.hypot(...data.subarray(k * width, (k + 1) * width)))
  return tensor(
    shape,
    data.map((value, k) => value / lengths[Math.floor(k / width)]),
  )
}

interface Pair {
  readonly before: RgbImage
  readonly after: RgbImage
  readonly pictures: number
  readonly direction: number
}

/** A pair of one noise, and how well it shows the change. */
async function pairOf({ caption, edited }: Line, seed: bigint, keepPlacement: number): Promise<Pair> {
  const asked = { prompt: caption, seed, sampler: 'DDIMScheduler' }
  const before = await drawn(textToImage, textToImage.parameters.parse(asked))
  const after = await drawn(editWords, editWords.parameters.parse({ ...asked, to: edited, keepPlacement }))
  const [one, other] = [unit(await clip.features([before])), unit(await clip.features([after]))]
  const texts = { before: await clip.texts([caption]), after: await clip.texts([edited]) }
  const [direction] = directionalSimilarity({ before: one, after: other }, texts)
  return { before, after, pictures: cosines(one, other)[0], direction }
}

/** Under a temporary name first: a file that is there is whole. */
async function write(path: string, { width, height, data }: RgbImage): Promise<void> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
  writeFileSync(`${path}.part`, png)
  renameSync(`${path}.part`, path)
}

for (const folder of ['before', 'after', 'done']) mkdirSync(join(out, folder), { recursive: true })
const asked = readFileSync(lines, 'utf8')
  .split('\n')
  .filter(text => text.trim() !== '')
  .map(text => Line.parse(JSON.parse(text)))
let kept = 0
for (const [number, line] of asked.entries()) {
  const done = join(out, 'done', String(number))
  if (existsSync(done)) continue
  // Each line has its own chance, so that a run that was stopped draws the same.
  const random = new TorchGenerator(BigInt(values.seed) * 1_000_003n + BigInt(number))
  const found: Pair[] = []
  for (let tried = 0; tried < Number(values.tries); tried++) {
    const [share] = random.uniform([1]).data
    const seed = BigInt(random.integers([1], 0, 2 ** 31 - 1)[0])
    const pair = await pairOf(line, seed, PLACEMENT[0] + share * (PLACEMENT[1] - PLACEMENT[0]))
    if (pair.pictures >= Number(values.alike) && pair.direction >= Number(values.changed)) found.push(pair)
  }
  const best = found.toSorted((a, b) => b.direction - a.direction).slice(0, Number(values.pairs))
  for (const [k, pair] of best.entries()) {
    const name = `${number}-${k}`
    await write(join(out, 'before', `${name}.png`), pair.before)
    writeFileSync(join(out, 'after', `${name}.txt`), line.instruction)
    await write(join(out, 'after', `${name}.png`), pair.after)
  }
  writeFileSync(done, '')
  kept += best.length
  console.log(`${number + 1} of ${asked.length}: ${line.instruction}: ${best.length} of ${values.tries} kept`)
}
console.log(`${kept} pairs in ${out}`)
await runtime.release()
