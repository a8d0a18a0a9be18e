import { parse } from 'node:path'
import { z } from 'zod'
import type { Footprint } from '../runtime/footprint.ts'
import type { Shape } from '../tensor/tensor.ts'
import { drawSights, trainedView } from '../training/draw.ts'
import { isFineTuned, trainingFootprint } from '../training/fine-tuning.ts'
import { heldBackLoss, holdBack, latentQuestions, toldAnswers } from '../training/held-back.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { joinedSets } from '../training/picture-folder.ts'
import { frozenCaptions, plainUNet, textToImageTask } from '../training/text-to-image-task.ts'
import { refuseFewBits } from '../weights/merge.ts'
import { type Component, isFile } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import { drawClass } from './draw-class.ts'
import { fileName } from './file-name.ts'
import { foreseeWithWords, measuredWords } from './foresee-training.ts'
import { keptAnswers } from './kept-answers.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import { conceptWords } from './named-set.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { promptsOf, readSet, sightSeed, sightsOf } from './train-lora.ts'
import {
  commonTraining,
  conceptTraining,
  fineTuning,
  priorTraining,
  trialPrompts,
  watchedTraining,
  wordTraining,
} from './training-parameters.ts'
import { bytesOfTaught, writeTaughtModel } from './write-taught-model.ts'

const { images, ...common } = commonTraining
const parameters = z.object({
  ...{ images, ...conceptTraining, ...common },
  ...{ ...wordTraining, ...fineTuning, ...priorTraining, ...watchedTraining, prompts: trialPrompts, seed },
})

/** What DreamBooth trains Stable Diffusion 1.5 with, whose first block has 320 channels (Ruiz et al. 2022, arXiv:2208.12242, section 4). */
const USUAL_RATE = 5e-6
const USUAL_WIDTH = 320

/** The weights of a UNet themselves learn, all or a part (DreamBooth, Ruiz et al. 2022, arXiv:2208.12242, or any set with captions); what comes
 *  of it is a model of its own, whose other weights are those of the first, byte for byte. */
export const trainFineTune: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'workshop' | 'making'> = {
  id: 'train-fine-tune',
  version: 2,
  title: 'Fine-tune a whole model',
  description: 'Teaches the model itself what pictures show, and makes a new model of it; it takes much memory.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: (chosen, source) =>
    `${fileName(chosen.name || `${parse(source).name} with ${conceptWords(chosen)}`)}${isFile(source) ? '.safetensors' : ''}`,
  parameters,
  foresee(models, chosen, examples) {
    const { classImages, layers, optimiser, averageDecay } = chosen
    const trained = { parameters: isFineTuned(layers) }
    const { shapes, ...cost } = foreseeWithWords(models, chosen, examples, { trained, classImages })
    const footprint = trainingFootprint(cost.footprint, shapes.values(), optimiser, averageDecay > 0)
    return { ...cost, footprint, looks: 0, result: bytesOfTaught(openModel(models.checkpoint.description.path)) }
  },
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime, rest } = workshop
    const { path } = checkpoint.description
    const { steps: total, batch, emptyCaptions, noiseOffset, priorWeight, snrGamma, averageDecay } = chosen
    // 1. Whether Adam's state, three times what the network weighs, can fit is told before anything is drawn or read
    const source = openModel(path)
    const unet = source.component('unet')
    const trained = { parameters: isFineTuned(chosen.layers) }
    const refuse = (footprint: Footprint, shapes: Iterable<Shape>) => {
      const taken = trainingFootprint(footprint, shapes, chosen.optimiser, averageDecay > 0)
      runtime.refuse(taken, 'the optimiser AdamW8bit, or less that learns')
    }
    refuse({ weights: 0, activations: 0 }, shapesOf(unet, trained.parameters))
    yield { phase: 'Reading the pictures', step: 0, total }
    const { set: given, unreadable } = await readSet(context, chosen)
    const { learned: set, heldBack } = holdBack(given, chosen.heldBack, chosen.seed)
    // 2. Class images, which the model draws itself; without them the set is whole
    const whole = chosen.classImages === 0 ? set : joinedSets([set, yield* drawClass(context, set, chosen)])
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pictures${measuredWords(heldBack)}${left}`, step: 0, total }
    const kept = keptTensorsOf(context)
    const captions = await frozenCaptions(checkpoint, kept)
    const weighting = snrGamma > 0 ? ({ kind: 'min-snr', gamma: snrGamma } as const) : undefined
    const noising = modelNoising(checkpoint.schedulerConfig, weighting)
    const learning = textToImageTask({
      ...{ runtime, checkpoint, set: whole, captions, trained, noising, seed: chosen.seed },
      ...{ batch, emptyCaptions, noiseOffset, priorWeight, kept },
      ...(await keptAnswers(checkpoint, whole, chosen, { kept })),
      start({ parameters, footprint, stored }) {
        refuse(footprint, parameters.values())
        return new Map(parameters.keys().map(key => [key, stored(key) ?? new Float32Array()]))
      },
    })
    // 3. The training loop, with pictures to watch it by
    const view = trainedView(checkpoint, { unet: trained }, learning.shapes)
    const ask = latentQuestions(checkpoint, heldBack, noising, { seed: chosen.seed, kept })
    const watched = heldBackLoss(heldBack, ask, numbers => toldAnswers(view(numbers), heldBack), rest)
    const [width] = plainUNet(checkpoint, runtime).config.block_out_channels
    const { saveEvery, showEvery, name: own, ...determining } = chosen
    const name = own || `${checkpoint.description.name} with ${conceptWords(chosen)}`
    const average = averageDecay > 0 && { average: { decay: averageDecay, warmUp: { power: 0.75 } } }
    const { parameters, pictures } = yield* runTraining({
      task: learning,
      draw: (numbers, prompts) => drawSights(view(numbers), sightsOf(prompts, chosen.seed), { signal, rest }),
      footprint: learning.trainable.footprint,
      plan: planOf(chosen, (USUAL_RATE * USUAL_WIDTH) / width, { ...average }),
      habits: { saveEvery, showEvery, batch },
      watching: {
        ...{ operation: trainFineTune.id, name, prompts: promptsOf(set, chosen) },
        ...(heldBack.examples.length > 0 && { heldBackLoss: watched }),
      },
      identity: [path, determining, whole.examples],
      ...{ workshop, signal },
    })
    // 4. A model of its own
    const about = `Fine-tuned with Sfumato from ${checkpoint.description.name}.`
    const copy = { source, name, about, changed: changedBy(unet, parameters) }
    yield* writeTaughtModel(context.making.target, copy, total)
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}

/** Of what learns. @throws Problem MERGE_PRECISION where it is stored in 8 bits */
const shapesOf = ({ weights }: Component, isTrained: (key: string) => boolean): Shape[] =>
  [...weights.keys()].flatMap(key => {
    const found = isTrained(key) ? weights.find(key) : undefined
    if (found === undefined) return []
    refuseFewBits(found)
    return [found.entry.shape]
  })

/** What was trained, at its place in the model's files. */
const changedBy = ({ weights }: Component, numbers: Numbers) =>
  [...numbers].flatMap(([key, values]) => {
    const found = weights.find(key)
    return found === undefined ? [] : [{ found, values: () => values }]
  })
