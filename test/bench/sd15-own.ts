/** One program of `npm run bench:sd15`: opens a checkpoint in a precision, as the worker does, and denoises.
 *  Arguments: MODEL PRECISION CACHE THREADS STEPS SIZE. Prints a line of JSON when it is ready to denoise, and one with the steps. */
import { targets } from '../../app/graph/targets.ts'
import { plainWords } from '../../app/models/prompt/schedule.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { joinConditioning } from '../../app/runtime/conditioning.ts'
import { convolutionBlock } from '../../app/runtime/convolution-block.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { precisions } from '../../app/weights/precision.ts'

const [, , model, precisionName, cache, threads, steps, size] = process.argv
const precision = precisions.find(each => each === precisionName)
if (precision === undefined) throw new Error(`unknown precision ${precisionName}`)
const runtime = new Runtime({ target: targets.cpu, threads: Number(threads), memoryBudget: 2 ** 36 })
const block = precision === 'fp32' ? await convolutionBlock() : undefined
const checkpoint = new Checkpoint(model, runtime, { precision: { precision, cache, block } })

const picture = { width: Number(size), height: Number(size) }
const request = { prompt: { sections: plainWords('a red apple on a table') }, size: picture }
const [{ positive, negative }] = await checkpoint.condition([request], 'cut')
const [, tokens] = positive.encoder_hidden_states.shape
const shape = checkpoint.latentShape(1, picture)
const predict = await checkpoint.predictor(shape, tokens, true)
console.log(JSON.stringify({ ready: Date.now() / 1000, footprint: checkpoint.loads(shape, true).drawing.footprint }))

const sample = new TorchGenerator(1n).normal(shape.with(0, 2))
const both = joinConditioning([negative, positive])
const taken: { wall: number; cpu: number }[] = []
let magnitude = 0
for (let k = 0; k < Number(steps); k++) {
  const [start, before] = [performance.now(), process.cpuUsage()]
  const { data } = await predict(sample, 500, both)
  const { user, system } = process.cpuUsage(before)
  taken.push({ wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6 })
  magnitude = data.reduce((sum, value) => sum + Math.abs(value), 0) / data.length
}
console.log(JSON.stringify({ steps: taken, magnitude }))
