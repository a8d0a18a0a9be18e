import { z } from 'zod'
import { classGuidedNetwork } from '../diffusion/class-guided-network.ts'
import { PictureGuidance } from '../diffusion/picture-guide.ts'
import { Problem } from '../problem.ts'
import { createSchedule } from '../schedulers/index.ts'
import { toImages } from '../tensor/images.ts'
import { seedGroups } from './draw-from-words.ts'
import { drawOneByOne } from './draw-one-by-one.ts'
import { refuseOtherSamplers } from './fitting-sampler.ts'
import { guideParameters } from './guide-parameters.ts'
import { openGuide, predictionOf } from './guides.ts'
import type { Operation } from './operation.ts'
import { classLabel, count, seed } from './parameters.ts'
import { classGuidance as guidance, karras, classSampler as sampler, steps } from './sampling-parameters.ts'

const { guideThrough: _, ...guides } = guideParameters
const parameters = z.object({ classLabel, seed, steps, guidance, sampler, karras, count, ...guides })

/** A class becomes pictures of it (Peebles & Xie 2022, arXiv:2212.09748, or a UNet of pixels that is told classes); the stages are those of the reference's DiTPipeline, but
 *  that the starting noise has the scale that the sampler asks for. */
export const drawAClass: Operation<typeof parameters, 'classes', 'classes' | 'pictures'> = {
  id: 'draw-a-class',
  version: 1,
  title: 'Draw a class',
  description: 'Draws pictures of one of the classes that a model was trained on.',
  needs: { model: 'classes' },
  parameters,
  async *run(context, chosen) {
    const { classes: model } = context
    const { name, defaults } = model.description
    const { classLabel, steps, sampler, karras } = chosen
    refuseOtherSamplers(name, { className: defaults.sampler, config: model.schedulerConfig }, sampler)
    if (classLabel >= model.classes) {
      throw new Problem('CLASS_UNKNOWN', `${name} has no class ${classLabel}.`, {
        hint: `Its classes are numbered from 0 to ${model.classes - 1}.`,
        details: { field: 'classLabel' },
      })
    }
    const preparing = model.mustPrepare ? 'Writing the weights in the chosen precision, once' : `Opening ${name}`
    yield { phase: preparing, step: 0, total: steps }
    const shape = model.latentShape(1)
    const config = { ...model.schedulerConfig, ...(karras && { use_karras_sigmas: true }) }
    const { width, height } = defaults
    const guide = await openGuide(model, context.pictures, chosen, { width, height, sample: shape })
    const guidance = guide && new PictureGuidance(guide, predictionOf(model.schedulerConfig, sampler), shape)
    const predict = await classGuidedNetwork(model, shape, [classLabel], chosen.guidance)
    return yield* drawOneByOne(context, seedGroups(chosen, 1).flat(), {
      schedule: createSchedule(sampler, config, steps),
      ...{ shape, guidance, predict: guidance?.guided(predict) ?? predict },
      preview: async estimate => (await model.preview(estimate))[0],
      finish: async latents => toImages(await model.decode(latents))[0],
    })
  },
}
