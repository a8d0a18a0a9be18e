import { mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { drawSights } from '../training/draw.ts'
import { heldBackLoss, holdBack, latentQuestions, toldAnswers } from '../training/held-back.ts'
import { captionsWithWord } from '../training/learned-word.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { openPictureFolder } from '../training/picture-folder.ts'
import { textToImageTask } from '../training/text-to-image-task.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { fileName } from './file-name.ts'
import { foreseeWithWords, measuredWords } from './foresee-training.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import { namedSet } from './named-set.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { promptsOf, sightSeed, sightsOf } from './train-lora.ts'
import {
  commonTraining,
  conceptTraining,
  trialPrompts,
  vectors,
  watchedTraining,
  wordTraining,
} from './training-parameters.ts'

const { images, ...common } = commonTraining
const parameters = z.object({
  ...{ images, ...conceptTraining, vectors, ...common, ...wordTraining },
  ...{ ...watchedTraining, prompts: trialPrompts, seed },
})

/** What the reference's script is used with; a word's vectors are small, so its corrections are large. */
const USUAL_RATE = 5e-3

/** A concept becomes a word (textual inversion, Gal et al. 2022, arXiv:2208.01618): the model stays as it is, only what a new word means to its
 *  text encoder is learned. */
export const trainTextualInversion: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'workshop' | 'making'> = {
  id: 'train-textual-inversion',
  version: 2,
  title: 'Teach a word (textual inversion)',
  description:
    'Learns what a few pictures show as the meaning of a new word; a very small file, which changes nothing else.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: ({ name, identifier }) => join('embeddings', `${fileName(name || identifier)}.safetensors`),
  parameters,
  foresee(models, chosen, examples) {
    const { identifier: word, class: like, vectors } = chosen
    const captions = captionsWithWord(models.runtime, models.checkpoint, { word, vectors, like })
    return foreseeWithWords(models, chosen, examples, { captions })
  },
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime, home, readPicture: read, rest } = workshop
    const { identifier: word, class: like, steps: total } = chosen
    // 1. Pictures; captions name the new word
    yield { phase: 'Reading the pictures', step: 0, total }
    const caption = `a ${word}`
    const { set: given, unreadable } = workshop.pictures
      ? { set: namedSet(workshop.pictures, { identifier: word, class: '' }, chosen.flip), unreadable: [] }
      : await openPictureFolder(chosen.images, {
          ...{ read, size: checkpoint.description.defaults, caption, mayFlip: chosen.flip },
        })
    const { learned: set, heldBack } = holdBack(given, chosen.heldBack, chosen.seed)
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pictures${measuredWords(heldBack)}${left}`, step: 0, total }
    // 2. Only the word's vectors learn
    const captions = captionsWithWord(runtime, checkpoint, { word, vectors: chosen.vectors, like })
    const { batch, emptyCaptions, noiseOffset, snrGamma } = chosen
    const weighting = snrGamma > 0 ? ({ kind: 'min-snr', gamma: snrGamma } as const) : undefined
    const noising = modelNoising(checkpoint.schedulerConfig, weighting)
    const kept = keptTensorsOf(context)
    const task = textToImageTask({
      ...{ runtime, checkpoint, set, captions, noising, seed: chosen.seed },
      ...{ batch, emptyCaptions, noiseOffset, priorWeight: 0, kept },
      start: () => new Map([['learned_rows', captions.start]]),
    })
    // 3. The training loop, with pictures drawn as the file will be used
    const { target } = context.making
    const write = (path: string, numbers: Numbers): void => {
      const [data] = numbers.values()
      mkdirSync(dirname(path), { recursive: true })
      writeSafetensors(path, [[word, { dtype: 'F32', shape: [chosen.vectors, captions.width], data }]])
    }
    // As the file will be used: a text encoder that reads the word as it is now.
    const view = (numbers: Numbers): Checkpoint => {
      const path = join(home, 'training', basename(target))
      write(path, numbers)
      return new Checkpoint(checkpoint.description.path, runtime, { embeddings: [{ path, word }] })
    }
    const ask = latentQuestions(checkpoint, heldBack, noising, { seed: chosen.seed, kept })
    const watched = heldBackLoss(heldBack, ask, numbers => toldAnswers(view(numbers), heldBack), rest)
    const { saveEvery, showEvery, name: _, ...determining } = chosen
    const { parameters, pictures } = yield* runTraining({
      task,
      draw: (numbers, prompts) => drawSights(view(numbers), sightsOf(prompts, chosen.seed), { signal, rest }),
      footprint: task.trainable.footprint,
      plan: planOf(chosen, USUAL_RATE),
      habits: { saveEvery, showEvery, batch },
      watching: {
        ...{ operation: trainTextualInversion.id, name: chosen.name || word, result: { target, write } },
        prompts: promptsOf(set, { identifier: word, class: '', prompts: chosen.prompts }),
        ...(heldBack.examples.length > 0 && { heldBackLoss: watched }),
      },
      identity: [checkpoint.description.path, determining, set.examples],
      ...{ workshop, signal },
    })
    // 4. The file, as diffusers writes it
    write(target, parameters)
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}
