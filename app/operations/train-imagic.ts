import { join } from 'node:path'
import { z } from 'zod'
import { towardWords } from '../diffusion/toward-words.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { pictureTask } from '../training/picture-task.ts'
import { fileName } from './file-name.ts'
import { foreseePicture, learnPicture, nameOf } from './learn-picture.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { imagicTraining, pictureTraining } from './picture-training-parameters.ts'

const { image, name, ...training } = pictureTraining
const { words, ...stages } = imagicTraining
const parameters = z.object({ image, words, name, ...stages, ...training, seed })

/** How far towards the words the pictures are that such a training is watched by. */
const LOOKS = [0, 0.5, 1]

/** A model learns one picture and what it is told to draw it, so that it can be bent towards other words (Kawar et al. 2022, "Imagic", arXiv:2210.09276;
 *  diffusers' community ImagicStableDiffusionPipeline). */
export const trainImagic: Operation<
  typeof parameters,
  'checkpoint',
  'checkpoint' | 'pictures' | 'workshop' | 'making'
> = {
  id: 'train-imagic',
  version: 1,
  title: 'Bend a picture (Imagic)',
  description: 'Learns one picture, so that it can then be bent towards words as far as one likes.',
  needs: { model: 'checkpoint' },
  resumes: true,
  makes: chosen => join('pictures', `${fileName(nameOf(chosen))}.safetensors`),
  parameters,
  foresee: (models, chosen) => foreseePicture(models, chosen, chosen.wordSteps),
  async *run(context, chosen) {
    return yield* learnPicture(context, chosen, {
      ...{ id: trainImagic.id, kind: 'imagic' },
      async open(given) {
        const sections = plainWords(chosen.words)
        const [{ positive: target }] = await given.checkpoint.condition([{ prompt: { sections }, size: chosen }], 'cut')
        const wordBatches = chosen.wordSteps * chosen.accumulation
        const task = pictureTask({ ...given, target, wordBatches })
        const { told } = task
        return {
          ...{ task, told, before: [{ steps: chosen.wordSteps, rate: chosen.wordRate }] },
          sights: numbers =>
            LOOKS.map(eta => ({
              ...{ prompt: chosen.words, title: `${chosen.words} (${eta})`, seed: chosen.seed },
              told: words => towardWords(words, told(numbers), eta),
            })),
        }
      },
    })
  },
}
