import { join } from 'node:path'
import { z } from 'zod'
import { frozenCaptions, textToImageTask } from '../training/text-to-image-task.ts'
import { fileName } from './file-name.ts'
import { foreseePicture, learnPicture, nameOf } from './learn-picture.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { pictureTraining, uniTuneTraining } from './picture-training-parameters.ts'

const { image, name, ...training } = pictureTraining
const { words, ...stages } = uniTuneTraining
const parameters = z.object({ image, words, name, ...stages, ...training, seed })

/** A model learns one picture under rare words (Valevski et al. 2022, "UniTune", arXiv:2210.09477, section 3.1), so that it stays the same picture when it is
 *  drawn anew with other words beside them. */
export const trainUniTune: Operation<
  typeof parameters,
  'checkpoint',
  'checkpoint' | 'pictures' | 'workshop' | 'making'
> = {
  id: 'train-unitune',
  version: 1,
  title: 'Hold on to a picture (UniTune)',
  description: 'Learns one picture under rare words, so that it stays itself when it is drawn anew with other words.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: chosen => join('pictures', `${fileName(nameOf(chosen))}.safetensors`),
  parameters,
  foresee: (models, chosen) => foreseePicture(models, chosen),
  async *run(context, chosen) {
    return yield* learnPicture(context, chosen, {
      ...{ id: trainUniTune.id, kind: 'unitune' },
      async open({ kept, ...given }) {
        const captions = await frozenCaptions(given.checkpoint, kept)
        const plain = { emptyCaptions: 0, priorWeight: 0, noiseOffset: 0 }
        return {
          task: textToImageTask({ ...given, kept, captions, ...plain }),
          ...{
            told: () => ({}),
            before: [],
            sights: () => [{ prompt: chosen.words, title: chosen.words, seed: chosen.seed }],
          },
        }
      },
    })
  },
}
