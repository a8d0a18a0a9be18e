import { z } from 'zod'
import { sampledPixels, unconditionalNetwork } from '../diffusion/unconditional-network.ts'
import { Problem } from '../problem.ts'
import { ddim } from '../schedulers/ddim.ts'
import { createSchedule } from '../schedulers/index.ts'
import { karrasVe } from '../schedulers/karras-ve.ts'
import { scoreSdeVe } from '../schedulers/score-sde-ve.ts'
import { joinBatches } from '../tensor/batches.ts'
import { type RgbImage, toImages } from '../tensor/images.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { drawOneByOne } from './draw-one-by-one.ts'
import type { Operation } from './operation.ts'
import { count, eta, pixelSampler as sampler, seed, pixelSteps as steps } from './parameters.ts'
import { seedGroups } from './text-to-image.ts'

const parameters = z.object({ seed, steps, sampler, eta, count })

/** Noise becomes pictures of what a model was trained on (Ho et al. 2020, arXiv:2006.11239); the stages are those of the reference's
 *  DDPM, DDIM, PNDM, KarrasVe and ScoreSdeVe pipelines. */
export const drawWithoutWords: Operation<typeof parameters, 'unconditional'> = {
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
    refuseOtherSamplers(name, defaults.sampler, sampler)
    const preparing = model.mustPrepare ? 'Writing the weights in the chosen precision, once' : `Opening ${name}`
    yield { phase: preparing, step: 0, total: steps }
    const shape = model.shape(1)
    const finish = async (sample: Tensor) => inColour(sampledPixels(sampler, sample))
    return yield* drawOneByOne(context, seedGroups(chosen, 1).flat(), {
      // DDIM's share of noise is another number in other samplers.
      schedule: createSchedule(sampler, model.schedulerConfig, steps, {
        ...(sampler === ddim.className && { eta: chosen.eta }),
      }),
      ...{ shape, finish, preview: finish },
      predict: await unconditionalNetwork(model, shape, sampler),
    })
  },
}

/** [1, 1 or 3, height, width] in about [-1, 1] to a picture; grey becomes three equal colours. */
function inColour(pixels: Tensor): RgbImage {
  const [, channels, height, width] = pixels.shape
  const { data } = joinBatches(Array.from({ length: 3 / channels }, () => pixels))
  return toImages(tensor([1, 3, height, width], data))[0]
}

/** Samplers whose networks answer with a score instead of the noise. */
const ofScores: readonly string[] = [karrasVe.className, scoreSdeVe.className]

/** A network answers what its own sampler asks; asked by one of the other kind, it draws nothing that can be recognized. */
function refuseOtherSamplers(name: string, own: string, chosen: string): void {
  if (ofScores.includes(own) === ofScores.includes(chosen)) return
  const kind = ofScores.includes(own) ? 'scores' : 'noise'
  throw new Problem('SAMPLER_MODEL', `${name} predicts ${kind}, which ${chosen} does not ask for.`, {
    hint: ofScores.includes(own) ? `Choose ${ofScores.join(' or ')}.` : `Choose its own sampler, ${own}.`,
    details: { field: 'sampler' },
  })
}
