import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { z } from 'zod'
import { targets } from '../../app/graph/targets.ts'
import { psnr } from '../../app/metrics/psnr.ts'
import { escapePrompt } from '../../app/models/prompt/parse.ts'
import type { WordChoices } from '../../app/operations/draw-from-words.ts'
import { noPictures } from '../../app/operations/operation.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { Problem } from '../../app/problem.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import { readExactJson } from './exact-json.ts'

/* npm run expected -- DIR [--model PATH]
 * Draws every entry of DIR/index.json and compares with the reference's pictures beside it. */

const USAGE = 'Usage: npm run expected -- DIR [--model PATH]'
const EMBEDDED_MODEL = join(import.meta.dirname, '../../native-models/sticker-world')
/** Decibels; below, a difference may be seen. */
const WORST_ALLOWED = 45

/** An entry: parameters of text to image by name, and a file for each picture. */
const entrySchema = z.looseObject({ files: z.array(z.string()).min(1) })
type Entry = z.output<typeof entrySchema>

try {
  const { folder, model } = readArguments()
  const worst = await compareFolder(folder, model)
  console.log(`worst PSNR ${worst.toFixed(2)} dB`)
  process.exitCode = worst >= WORST_ALLOWED ? 0 : 1
} catch (error) {
  if (!(error instanceof Problem)) throw error
  console.error(error.sentence)
  process.exitCode = 1
}

function readArguments(): { folder: string; model: string } {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { model: { type: 'string', default: EMBEDDED_MODEL } },
    })
    if (positionals.length === 1) return { folder: positionals[0], model: values.model }
  } catch (error) {
    throw new Problem('USAGE', error instanceof Error ? error.message : `${error}`, { hint: USAGE })
  }
  throw new Problem('USAGE', 'One folder of expected pictures is needed.', { hint: USAGE })
}

/** The lowest PSNR of all pictures; -Infinity when one is missing or has another size. */
async function compareFolder(folder: string, model: string): Promise<number> {
  const runtime = new Runtime({ target: targets.cpu, threads: availableParallelism(), memoryBudget: 2 ** 32 })
  const checkpoint = new Checkpoint(model, runtime)
  let worst = Infinity
  for (const entry of readIndex(join(folder, 'index.json'))) {
    const pictures = await draw(checkpoint, entry)
    for (const [k, file] of entry.files.entries()) {
      const { decibels, remark } = await compare(pictures[k], join(folder, file))
      console.log(`${file}: ${remark ?? `${decibels.toFixed(2)} dB`}`)
      worst = Math.min(worst, decibels)
    }
  }
  await runtime.release()
  return worst
}

function readIndex(path: string): Entry[] {
  const refuse = (reason: string) =>
    new Problem('EXPECTED_INDEX', `${path} cannot be read: ${reason}.`, { hint: 'Give a folder with an index.json.' })
  try {
    const parsed = z.array(entrySchema).min(1).safeParse(readExactJson(path))
    if (parsed.success) return parsed.data
    throw refuse(z.prettifyError(parsed.error))
  } catch (error) {
    throw error instanceof Problem ? error : refuse(error instanceof Error ? error.message : `${error}`)
  }
}

async function draw(checkpoint: Checkpoint, { files, ...asked }: Entry): Promise<RgbImage[]> {
  const context = { checkpoint, signal: new AbortController().signal, wantsPreviews: false, pictures: noPictures }
  const run = textToImage.run(context, complete(asked, checkpoint))
  let next = await run.next()
  while (!next.done) next = await run.next()
  if (next.value.length !== files.length) {
    throw new Problem(
      'EXPECTED_INDEX',
      `${next.value.length} pictures were drawn for ${files.length} files (${files}).`,
    )
  }
  return next.value.map(({ image }) => image)
}

/** What an entry leaves out is the model's own. The reference knows no syntax and cuts long prompts off. */
function complete(asked: Omit<Entry, 'files'>, { description }: Checkpoint): WordChoices {
  const { data, error } = z.strictObject(textToImage.parameters.shape).safeParse(asked)
  if (error) throw new Problem('EXPECTED_INDEX', `${JSON.stringify(asked)}: ${z.prettifyError(error)}`)
  const { defaults } = description
  return {
    ...data,
    prompt: escapePrompt(data.prompt),
    negative: escapePrompt(data.negative),
    longPrompts: asked.longPrompts === undefined ? 'cut' : data.longPrompts,
    seed: data.seed ?? 0n,
    steps: data.steps ?? defaults.steps,
    guidance: data.guidance ?? defaults.guidance,
    sampler: data.sampler ?? defaults.sampler,
    width: data.width ?? defaults.width,
    height: data.height ?? defaults.height,
  }
}

async function compare(ours: RgbImage, path: string): Promise<{ decibels: number; remark?: string }> {
  try {
    const { data, info } = await sharp(path)
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (info.width === ours.width && info.height === ours.height) return { decibels: psnr(ours.data, data) }
    const remark = `${ours.width} x ${ours.height} instead of ${info.width} x ${info.height}`
    return { decibels: Number.NEGATIVE_INFINITY, remark }
  } catch (error) {
    const remark = `cannot be read (${error instanceof Error ? error.message : error})`
    return { decibels: Number.NEGATIVE_INFINITY, remark }
  }
}
