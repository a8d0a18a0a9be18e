import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { layersOf } from '../weights/lora.ts'
import { openModel } from '../weights/open-model.ts'
import type { TrainingSet } from './data.ts'
import { underGuidance } from './guided-answers.ts'
import { chosenLayers, firstFactors } from './low-rank.ts'
import { modelNoising } from './noising.ts'
import { ownAnswers } from './own-answers.ts'
import { frozenCaptions, textToImageTask } from './text-to-image-task.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint('test/parity/goldens/models/sd1', runtime)
const size = { width: 128, height: 128 }
const grey = tensor([3, 128, 128])

/** One picture of the concept and one of the class. */
const set: TrainingSet = {
  examples: [
    { caption: 'a sks cat', size, isClassImage: false, mayFlip: false, contentHash: 'own' },
    { caption: 'a cat', size, isClassImage: true, mayFlip: false, contentHash: 'class' },
  ],
  read: async () => grey,
}

/** The first loss of a task: nothing was learned yet. */
async function firstLoss(choices: { emptyCaptions: number; keeps: boolean; guidance?: number }): Promise<number> {
  const own = await ownAnswers(checkpoint)
  const layers = layersOf(openModel(checkpoint.description.path).component('unet').weights)
  const task = textToImageTask({
    ...{ runtime, checkpoint, set, captions: await frozenCaptions(checkpoint), seed: 0n, batch: 1, noiseOffset: 0 },
    ...{ emptyCaptions: choices.emptyCaptions, priorWeight: 1 },
    trained: { factors: chosenLayers(layers, { rank: 1, alpha: 1, feedForward: false, convolutions: false }) },
    noising: modelNoising(checkpoint.schedulerConfig),
    ...(choices.keeps && { ownAnswers: own }),
    ...(choices.guidance && { guided: underGuidance(own, choices.guidance) }),
    start: trainable => firstFactors(trainable.parameters, 0n),
  })
  const { loss } = await task.compute(0, new TorchGenerator(1n))
  return loss
}

test('a model that learned nothing yet answers as it does itself: only the concept is to be learned', async () => {
  const nothing = await firstLoss({ emptyCaptions: 1, keeps: true })
  expect(nothing).toBeLessThan(1e-9)
  const concept = await firstLoss({ emptyCaptions: 0, keeps: true })
  expect(concept).toBeGreaterThan(0.01)
  const pictures = await firstLoss({ emptyCaptions: 0, keeps: false })
  expect(pictures).toBeGreaterThan(concept + 0.01)
})

test('under guidance less is left to be learned: the answer is nearer to the one that the model has', async () => {
  const plain = await firstLoss({ emptyCaptions: 0, keeps: true })
  const guided = await firstLoss({ emptyCaptions: 0, keeps: true, guidance: 5 })
  expect(guided).toBeGreaterThan(1e-4)
  expect(guided).toBeLessThan(plain / 2)
}, 120_000)
