/** `npm run bench:quality`: what few bits lose, in pictures: PSNR of each precision's pictures against single precision's, same prompts and seeds. fp16 is what
 *  a graphics card computes in half precision, each rounding computed on the CPU (app/runtime/rounded.ts).
 *  Options: --model PATH --seeds N --steps N. Prints a table and writes JSON (`--json FILE`, default artifacts/quality.json). */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { targets } from '../../app/graph/targets.ts'
import { psnr } from '../../app/metrics/psnr.ts'
import { noPictures } from '../../app/operations/operation.ts'
import { textToImage } from '../../app/operations/text-to-image.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { halfOnCpu, openRounded } from '../../app/runtime/rounded.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import type { Precision } from '../../app/weights/precision.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'native-models/sticker-world' },
    seeds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '20' },
    json: { type: 'string', default: 'artifacts/quality.json' },
  },
})
const [seeds, steps] = [Number(values.seeds), Number(values.steps)]
const cache = mkdtempSync(join(tmpdir(), 'sfumato-quality-'))

async function draw(precision: Precision, prompts: readonly string[]): Promise<RgbImage[]> {
  const way = precision === 'fp16' ? { target: halfOnCpu, open: openRounded } : { target: targets.cpu }
  const runtime = new Runtime({ ...way, threads: availableParallelism(), memoryBudget: 2 ** 34 })
  const checkpoint = new Checkpoint(values.model, runtime, { precision: { precision, cache } })
  const { width, height, sampler, guidance } = checkpoint.description.defaults
  const defaults = textToImage.parameters.parse({ prompt: '' })
  const common = { ...defaults, steps, guidance, sampler, width, height }
  const pictures: RgbImage[] = []
  for (const prompt of prompts) {
    for (let seed = 0; seed < seeds; seed++) {
      const context = { checkpoint, signal: new AbortController().signal, wantsPreviews: false, pictures: noPictures }
      const run = textToImage.run(context, { ...common, prompt, seed: BigInt(seed) })
      let next = await run.next()
      while (!next.done) next = await run.next()
      pictures.push(next.value[0].image)
    }
  }
  await runtime.release()
  return pictures
}

const prompts = [
  'a red apple, 3d style, on a blue background',
  'a green car, flat style, on a white background',
  'a yellow bird, sketch style, on a pink background',
  'a purple house, 3d style, on a yellow background',
]

try {
  const exact = await draw('fp32', prompts)
  console.log(`${'PSNR against fp32'.padEnd(20)}${'worst'.padStart(8)}${'median'.padStart(8)}${'best'.padStart(8)}`)
  const found: Record<string, number[]> = {}
  for (const precision of ['as stored', 'fp16', '8 bit', '4 bit'] as const) {
    const decibels = (await draw(precision, prompts)).map((picture, k) => psnr(picture.data, exact[k].data))
    found[precision] = decibels
    const sorted = decibels.toSorted((a, b) => a - b)
    const shown = [sorted[0], sorted[sorted.length >> 1], sorted[sorted.length - 1]].map(each =>
      each.toFixed(1).padStart(8),
    )
    console.log(precision.padEnd(20) + shown.join(''))
  }
  mkdirSync(dirname(values.json), { recursive: true })
  writeFileSync(values.json, JSON.stringify({ model: values.model, seeds, steps, prompts, decibels: found }, null, 2))
} finally {
  rmSync(cache, { recursive: true, force: true })
}
