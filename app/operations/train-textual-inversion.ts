import { mkdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { drawSights } from '../training/draw.ts'
import { captionsWithWord } from '../training/learned-word.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { openPictureFolder } from '../training/picture-folder.ts'
import { textToImageTask } from '../training/text-to-image-task.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { fileName } from './file-name.ts'
import { keptTensorsOf } from './kept-tensors-of.ts'
import { namedSet } from './named-set.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { promptsOf, sightSeed, sightsOf } from './train-lora.ts'
import { commonTraining, conceptTraining, trialPrompts, vectors, wordTraining } from './training-parameters.ts'

const { images, ...common } = commonTraining
const parameters = z.object({
  images,
  ...conceptTraining,
  vectors,
  ...common,
  ...wordTraining,
  prompts: trialPrompts,
  seed,
})

/** What the reference's script is used with; a word's vectors are small, so its corrections are large. */
const USUAL_RATE = 5e-3

/** A concept becomes a word (textual inversion, Gal et al. 2022, arXiv:2208.01618): the model stays as it is, only what a new word means to its
 *  text encoder is learned. */
export const trainTextualInversion: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'workshop' | 'making'> = {
  id: 'train-textual-inversion',
  version: 1,
  title: 'Teach a word (textual inversion)',
  description:
    'Learns what a few pictures show as the meaning of a new word; a very small file, which changes nothing else.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: ({ name, identifier }) => join('embeddings', `${fileName(name || identifier)}.safetensors`),
  parameters,
  async *run(context, chosen) {
    const { checkpoint, signal, workshop } = context
    const { runtime, home, readPicture: read, rest } = workshop
    const { identifier: word, class: like, steps: total } = chosen
    // 1. Pictures; captions name the new word
    yield { phase: 'Reading the pictures', step: 0, total }
    const caption = `a ${word}`
    const { set, unreadable } = workshop.pictures
      ? { set: namedSet(workshop.pictures, { identifier: word, class: '' }, chosen.flip), unreadable: [] }
      : await openPictureFolder(chosen.images, {
          ...{ read, size: checkpoint.description.defaults, caption, mayFlip: chosen.flip },
        })
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pictures${left}`, step: 0, total }
    // 2. Only the word's vectors learn
    const captions = captionsWithWord(runtime, checkpoint, { word, vectors: chosen.vectors, like })
    const { batch, emptyCaptions, noiseOffset, snrGamma } = chosen
    const task = textToImageTask({
      ...{
        runtime,
        checkpoint,
        set,
        captions,
        seed: chosen.seed,
        batch,
        emptyCaptions,
        noiseOffset,
        priorWeight: 0,
        kept: keptTensorsOf(context),
      },
      noising: modelNoising(
        checkpoint.schedulerConfig,
        snrGamma > 0 ? { kind: 'min-snr', gamma: snrGamma } : undefined,
      ),
      start: () => new Map([['learned_rows', captions.start]]),
    })
    // 3. The training loop, with pictures drawn as the file will be used
    const { target } = context.making
    const write = (path: string, numbers: Numbers): void => {
      const [data] = numbers.values()
      mkdirSync(dirname(path), { recursive: true })
      writeSafetensors(path, [[word, { dtype: 'F32', shape: [chosen.vectors, captions.width], data }]])
    }
    const draw = (numbers: Numbers, prompts: readonly string[]) => {
      const path = join(home, 'training', basename(target))
      write(path, numbers)
      const { description } = checkpoint
      const learned = new Checkpoint(description.path, runtime, { embeddings: [{ path, word }] })
      return drawSights(learned, sightsOf(prompts, chosen.seed), { signal, rest })
    }
    const { saveEvery, showEvery, name: _, ...determining } = chosen
    const { parameters, pictures } = yield* runTraining({
      ...{ task, draw },
      footprint: task.trainable.footprint,
      plan: planOf(chosen, USUAL_RATE),
      habits: { saveEvery, showEvery, batch },
      watching: {
        ...{ operation: trainTextualInversion.id, name: chosen.name || word, result: { target, write } },
        prompts: promptsOf(set, { identifier: word, class: '', prompts: chosen.prompts }),
      },
      identity: [checkpoint.description.path, determining, set.examples],
      ...{ workshop, signal },
    })
    // 4. The file, as diffusers writes it
    write(target, parameters)
    return pictures.map((image, k) => ({ image, seed: sightSeed(chosen.seed, k) }))
  },
}
