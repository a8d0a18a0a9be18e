import { z } from 'zod'
import { PictureGuidance } from '../diffusion/picture-guide.ts'
import { sampledPixels, unconditionalNetwork } from '../diffusion/unconditional-network.ts'
import { inColour } from '../runtime/pixel-model.ts'
import { ddim } from '../schedulers/ddim.ts'
import { createSchedule } from '../schedulers/index.ts'
import { toImages } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { seedGroups } from './draw-from-words.ts'
import { drawOneByOne } from './draw-one-by-one.ts'
import { refuseOtherSamplers } from './fitting-sampler.ts'
import { classifierParameters, guideParameters } from './guide-parameters.ts'
import { openGuide, predictionOf } from './guides.ts'
import type { Operation } from './operation.ts'
import { count, seed } from './parameters.ts'
import { eta, pixelSampler as sampler, pixelSteps as steps } from './sampling-parameters.ts'

const parameters = z.object({ seed, steps, sampler, eta, count, ...guideParameters, ...classifierParameters })

/** Noise becomes pictures of what a model was trained on (Ho et al. 2020, arXiv:2006.11239); the stages are those of the reference's
 *  DDPM, DDIM, PNDM, KarrasVe and ScoreSdeVe pipelines. */
export const drawWithoutWords: Operation<typeof parameters, 'unconditional', 'unconditional' | 'pictures'> = {
  id: 'draw-without-words',
  version: 1,
  title: 'Draw without words',
  description: 'Draws pictures like those that a model was trained on, without a prompt.',
  needs: { model: 'unconditional' },
  parameters,
  async *run(context, chosen) {
    const { unconditional: model } = context
    const { name, defaults } = model.description
    const { sampler, steps } = chosen
    refuseOtherSamplers(name, { className: defaults.sampler, config: model.schedulerConfig }, sampler)
    const preparing = model.mustPrepare ? 'Writing the weights in the chosen precision, once' : `Opening ${name}`
    yield { phase: preparing, step: 0, total: steps }
    const shape = model.shape(1)
    const finish = async (sample: Tensor) => toImages(inColour(sampledPixels(sampler, sample)))[0]
    const [, , height, width] = shape
    const guide = await openGuide(model, context.pictures, chosen, { width, height, sample: shape })
    const guidance = guide && new PictureGuidance(guide, predictionOf(model.schedulerConfig, sampler), shape)
    const through =
      chosen.guideThrough === 'network' ? { write: model.written.bind(model), feeds: timestepFed } : undefined
    const predict = await unconditionalNetwork(model, shape, sampler)
    return yield* drawOneByOne(context, seedGroups(chosen, 1).flat(), {
      // DDIM's share of noise is another number in other samplers.
      schedule: createSchedule(sampler, model.schedulerConfig, steps, {
        ...(sampler === ddim.className && { eta: chosen.eta }),
      }),
      ...{ shape, finish, preview: finish },
      ...{ guidance, predict: guidance?.guided(predict, through) ?? predict },
    })
  },
}

const timestepFed = (timestep: number) => ({ timestep: tensor([1], Float32Array.of(timestep)) })
