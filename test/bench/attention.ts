/** `npm run bench -- attention`: what attention that is edited costs: calls of the network for two pictures under guidance, plain and with
 *  prompt-to-prompt (words and shapes held, maps given), one after the other, so that load meets both.
 *  Options: --model PATH (a diffusers folder), --size PIXELS, --calls N, --threads N. Prints medians of processor time and their ratio. */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { targets } from '../../app/graph/targets.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { repeatConditioning } from '../../app/runtime/conditioning.ts'
import type { AttentionAsked } from '../../app/runtime/denoiser.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { tensor } from '../../app/tensor/tensor.ts'
import { median } from './median.ts'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'native-models/sticker-world' },
    size: { type: 'string' },
    calls: { type: 'string', default: '25' },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
})
const runtime = new Runtime({ target: targets.cpu, threads: Number(values.threads), memoryBudget: 2 ** 34 })
const checkpoint = new Checkpoint(values.model, runtime)
const side = Number(values.size ?? checkpoint.description.defaults.width)
const shape = checkpoint.latentShape(2, { width: side, height: side })
const request = { prompt: { sections: [[{ text: 'a red car', weight: 1 }]] }, size: { width: side, height: side } }
const [{ positive }] = await checkpoint.condition([request], 'cut')
const words = repeatConditioning(positive, 4)
const [, tokens] = positive.encoder_hidden_states.shape
const places = Math.max(256, (shape[2] * shape[3]) / 16)
const asked: Record<string, AttentionAsked['sizes'] | undefined> = {
  plain: undefined,
  'prompt-to-prompt': {
    ...{ followers: 1, words: true },
    structure: { mostPlaces: places, layers: 'all', halves: 'wanted' },
  },
  'with maps': {
    ...{ followers: 1, words: true, maps: true },
    structure: { mostPlaces: places, layers: 'all', halves: 'wanted' },
  },
}
const fed = {
  'attention.source_words': tensor([1, tokens, tokens], new Float32Array(tokens ** 2).fill(1 / tokens)),
  'attention.own_words': tensor([1, tokens], new Float32Array(tokens)),
  'attention.structure': tensor([3], Float32Array.of(1, 1, 0)),
}
const sample = new TorchGenerator(1n).normal(shape.with(0, 4))
const networks = await Promise.all(
  Object.entries(asked).map(async ([name, sizes]) => {
    const network = await checkpoint.predictor(shape, tokens, true, undefined, sizes && { sizes, onMaps: () => {} })
    return { name, run: () => network(sample, 500, { ...words, ...fed }), seconds: [] as number[] }
  }),
)
for (let call = -2; call < Number(values.calls); call++) {
  for (const { run, seconds } of networks) {
    const before = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(before)
    if (call >= 0) seconds.push((user + system) / 1e6)
  }
}
const [plain] = networks.map(({ seconds }) => median(seconds))
for (const { name, seconds } of networks) {
  const middle = median(seconds)
  console.log(
    `${name.padEnd(20)}${(middle * 1000).toFixed(1).padStart(9)} ms ${(middle / plain).toFixed(3).padStart(8)}x`,
  )
}
await runtime.release()
