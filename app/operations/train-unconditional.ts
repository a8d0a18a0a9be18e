import { cpSync } from 'node:fs'
import { join, parse } from 'node:path'
import { z } from 'zod'
import { denoise } from '../diffusion/denoise.ts'
import { createSchedule } from '../schedulers/index.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Shape } from '../tensor/tensor.ts'
import { modelNoising } from '../training/noising.ts'
import type { Numbers } from '../training/numbers.ts'
import { openPictureFolder } from '../training/picture-folder.ts'
import { pixelTask } from '../training/pixel-task.ts'
import { writeFolderSafely } from '../weights/safe-file.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { fileName } from './file-name.ts'
import type { Operation } from './operation.ts'
import { seed } from './parameters.ts'
import { planOf, runTraining } from './run-training.ts'
import { commonTraining, wordTraining } from './training-parameters.ts'

const { noiseOffset } = wordTraining
const parameters = z.object({ ...commonTraining, noiseOffset, seed })

/** What DDPM was trained with, whose first block has 128 channels (Ho et al. 2020, arXiv:2006.11239, appendix B). */
const USUAL_RATE = 2e-4
const USUAL_WIDTH = 128
/** Pictures to watch a run by, and the steps that they are drawn with: rough ones will do. */
const SIGHTS = 4
const SIGHT_STEPS = 50

/** A model of pixels learns from a folder of pictures, from nothing or from what it knows (Ho et al. 2020, arXiv:2006.11239); what comes of it
 *  is the moving average of its weights, as a model of its own. */
export const trainUnconditional: Operation<
  typeof parameters,
  'unconditional',
  'unconditional' | 'workshop' | 'making'
> = {
  id: 'train-unconditional',
  version: 1,
  title: 'Train a model without words',
  description: 'Teaches a model that draws without words the look of a folder of pictures; all of its weights learn.',
  needs: { model: 'unconditional' },
  resumes: true,
  makes: ({ name }, source) => fileName(name || `${parse(source).name} trained`),
  parameters,
  async *run(context, chosen) {
    const { unconditional: model, workshop, signal } = context
    const { path } = model.description
    // 1. Pictures, of the model's own size
    yield { phase: 'Reading the pictures', step: 0, total: chosen.steps }
    const { set, unreadable } = workshop.pictures
      ? { set: workshop.pictures, unreadable: [] }
      : await openPictureFolder(chosen.images, {
          ...{ read: workshop.readPicture, size: model.description.defaults, caption: '', mayFlip: chosen.flip },
        })
    const left = unreadable.length === 0 ? '' : `; left out, since they are no pictures: ${unreadable.join(', ')}`
    yield { phase: `Learning from ${set.examples.length} pictures${left}`, step: 0, total: chosen.steps }
    // 2. All weights learn
    const task = pixelTask({
      ...{ runtime: workshop.runtime, model: path, set, seed: chosen.seed, batch: chosen.batch },
      ...{ noiseOffset: chosen.noiseOffset, noising: modelNoising(model.schedulerConfig) },
    })
    const [, , height, width] = model.shape(1)
    const validate = async (numbers: Numbers): Promise<RgbImage[]> => {
      const images: RgbImage[] = []
      for (let k = 0; k < SIGHTS; k++) {
        const random = new TorchGenerator(BigInt.asUintN(64, chosen.seed + BigInt(k)))
        const noise = (shape: Shape) => random.normal(shape)
        const schedule = createSchedule('DDIMScheduler', model.schedulerConfig, SIGHT_STEPS)
        const predict = await task.view(numbers, model.shape(1))
        const run = denoise({ schedule, latents: noise([1, 3, height, width]), noise, predict, signal })
        let next = await run.next()
        while (!next.done) next = await run.next()
        images.push(...toImages(next.value))
      }
      return images
    }
    const { saveEvery, showEvery, name: _, ...determining } = chosen
    const first = task.shapes.get('conv_in.weight')?.[0] ?? USUAL_WIDTH
    const { parameters: learned, pictures } = yield* runTraining({
      task: { ...task, validate },
      footprint: task.trainable.footprint,
      plan: planOf(chosen, (USUAL_RATE * USUAL_WIDTH) / first, { average: { decay: 0.9999, warmUp: { power: 0.75 } } }),
      habits: { saveEvery, showEvery, batch: chosen.batch },
      watching: {
        operation: trainUnconditional.id,
        name: chosen.name || `${model.description.name} trained`,
        prompts: [],
      },
      identity: [path, determining, set.examples],
      ...{ workshop, signal },
    })
    // 3. A model of its own, with the small files of the one that it was
    const tensors = [...learned].map(
      ([key, data]) => [key, { dtype: 'F32', shape: task.shapes.get(key) ?? [], data }] as const,
    )
    writeFolderSafely(context.making.target, folder => {
      for (const file of ['scheduler', 'unet/config.json', 'model_index.json']) {
        cpSync(join(path, file), join(folder, file), { recursive: true })
      }
      writeSafetensors(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'), tensors, { format: 'pt' })
    })
    return pictures.map((image, k) => ({ image, seed: BigInt.asUintN(64, chosen.seed + BigInt(k)) }))
  },
}
