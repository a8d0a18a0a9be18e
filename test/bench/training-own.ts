/** One program of `npm run bench -- training`: learns a LoRA as the worker does, by the studio's own task and loop. All layers of attention, AdamW,
 *  gradients no longer than 1.
 *  Arguments: MODEL RECOMPUTE THREADS STEPS SIZE RANK FOLDER (of the run's states). Prints a line of JSON when it is ready to learn, one when a step is
 *  done, and one with all steps. */
import { targets } from '../../app/graph/targets.ts'
import { Checkpoint } from '../../app/runtime/checkpoint.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import type { TrainingSet } from '../../app/training/data.ts'
import { train } from '../../app/training/loop.ts'
import { chosenLayers, firstFactors } from '../../app/training/low-rank.ts'
import { modelNoising } from '../../app/training/noising.ts'
import { frozenCaptions, textToImageTask } from '../../app/training/text-to-image-task.ts'
import { layersOf } from '../../app/weights/lora.ts'
import { openModel } from '../../app/weights/open-model.ts'

const [, , model, recompute, threads, steps, size, rank, folder] = process.argv
if (recompute !== 'none' && recompute !== 'all') throw new Error(`recomputation is none or all, not ${recompute}`)
const runtime = new Runtime({ target: targets.cpu, threads: Number(threads), memoryBudget: 2 ** 36 })
const checkpoint = new Checkpoint(model, runtime)
const side = Number(size)
const picture = new TorchGenerator(2n).uniform([3, side, side], { low: -1, high: 1 })
const set: TrainingSet = {
  examples: [
    {
      ...{ caption: 'a photo of a sks cat', size: { width: side, height: side } },
      ...{ isClassImage: false, mayFlip: false, contentHash: '' },
    },
  ],
  read: () => Promise.resolve(picture),
}
const layers = layersOf(openModel(model).component('unet').weights)
const choice = { rank: Number(rank), alpha: Number(rank), feedForward: false, convolutions: false }
const task = textToImageTask({
  ...{ runtime, checkpoint, set, recompute, seed: 1n, batch: 1, emptyCaptions: 0, noiseOffset: 0, priorWeight: 0 },
  captions: await frozenCaptions(checkpoint),
  trained: { factors: chosenLayers(layers, choice) },
  noising: modelNoising(checkpoint.schedulerConfig),
  start: trainable => firstFactors(trainable.parameters, 1n),
})
console.log(JSON.stringify({ ready: Date.now() / 1000, footprint: task.trainable.footprint }))

const count = Number(steps)
const run = train({
  task,
  plan: {
    ...{ steps: count + 1, seed: 1n, accumulation: 1, longestGradient: 1 },
    learningRate: { schedule: 'constant', rate: 1e-4, warmUp: 0 },
    optimiser: { name: 'AdamW' },
  },
  habits: { folder, identity: 'bench', saveEvery: count + 1, keep: 1 },
  signal: new AbortController().signal,
})
const taken: { wall: number; cpu: number; loss: number }[] = []
for (let k = 0; k < count; k++) {
  const [start, before] = [performance.now(), process.cpuUsage()]
  const next = await run.next()
  const { user, system } = process.cpuUsage(before)
  if (next.done) throw new Error(`the training ended after ${k} steps`)
  taken.push({ wall: (performance.now() - start) / 1000, cpu: (user + system) / 1e6, loss: next.value.loss })
  if (k === 0) console.log(JSON.stringify({ first: Date.now() / 1000 }))
}
console.log(JSON.stringify({ steps: taken }))
// Nobody goes on from here.
process.exit()
