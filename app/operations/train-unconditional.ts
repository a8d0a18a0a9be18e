import { parse } from 'node:path'
import { z } from 'zod'
import { openPictureFolder } from '../training/picture-folder.ts'
import { fileName } from './file-name.ts'
import { foreseePixels } from './foresee-training.ts'
import { mirrorable } from './named-set.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { trainPixels } from './train-pixels.ts'
import { commonTraining, pixelTraining, watchedTraining, wordTraining } from './training-parameters.ts'

const { noiseOffset } = wordTraining
const parameters = z.object({ ...commonTraining, ...pixelTraining, ...watchedTraining, noiseOffset, seed })

/** A model of pixels learns from a folder of pictures, from nothing or from what it knows (Ho et al. 2020, arXiv:2006.11239). */
export const trainUnconditional: Operation<
  typeof parameters,
  'unconditional',
  'unconditional' | 'workshop' | 'making'
> = {
  id: 'train-unconditional',
  version: 2,
  title: 'Train a model without words',
  description: 'Teaches a model that draws without words the look of a folder of pictures; all of its weights learn.',
  needs: { model: 'unconditional' },
  resumes: true,
  makes: ({ name }, source) => fileName(name || `${parse(source).name} trained`),
  parameters,
  foresee: ({ unconditional, runtime }, chosen, examples) =>
    foreseePixels({ runtime, model: unconditional.description.path }, chosen, examples),
  async *run(context, chosen) {
    const { unconditional: model, workshop } = context
    yield { phase: 'Reading the pictures', step: 0, total: chosen.steps }
    const { set, unreadable } = workshop.pictures
      ? { set: mirrorable(workshop.pictures, chosen.flip), unreadable: [] }
      : await openPictureFolder(chosen.images, {
          ...{ read: workshop.readPicture, size: model.description.defaults, caption: '', mayFlip: chosen.flip },
        })
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pictures${left}`, step: 0, total: chosen.steps }
    return yield* trainPixels(context, model, chosen, { set, operation: trainUnconditional.id })
  },
}
