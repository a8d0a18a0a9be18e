import { z } from 'zod'
import { unconditionalNetwork } from '../diffusion/unconditional-network.ts'
import { Problem } from '../problem.ts'
import { inColour } from '../runtime/pixel-model.ts'
import { ddpm } from '../schedulers/ddpm.ts'
import { repaint } from '../schedulers/repaint.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { fromImages, toImages } from '../tensor/images.ts'
import { maskedBox } from '../tensor/masks.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { seedGroups } from './draw-from-words.ts'
import { drawOneByOne } from './draw-one-by-one.ts'
import { jumpLength, jumps } from './edit-parameters.ts'
import { refuseOtherSamplers } from './fitting-sampler.ts'
import { fitModes } from './image-to-image.ts'
import { mask } from './mask-parameters.ts'
import type { Operation } from './operation.ts'
import { count, picture, pictureFit, seed } from './parameters.ts'
import { eta, pixelSteps as steps } from './sampling-parameters.ts'

const parameters = z.object({ image: picture, mask, fit: pictureFit, seed, steps, eta, jumpLength, jumps, count })

/** A model without words completes a picture: RePaint (Lugmayr et al. 2022, arXiv:2201.09865), the reference's RePaintPipeline. */
export const repaintPicture: Operation<typeof parameters, 'unconditional', 'unconditional' | 'pictures'> = {
  id: 'repaint',
  version: 1,
  title: 'Complete a picture',
  description: 'Draws anew what a mask marks, with a model that knows no words.',
  needs: { model: 'unconditional' },
  parameters,
  async *run(context, chosen) {
    const { unconditional: model, pictures } = context
    const { name, defaults } = model.description
    refuseOtherSamplers(name, { className: defaults.sampler, config: model.schedulerConfig }, ddpm.className)
    yield { phase: `Opening ${name}`, step: 0, total: chosen.steps }
    const shape = model.shape(1)
    const size = { width: shape[3], height: shape[2] }
    const image = fitImage(await pictures.read(chosen.image, '#ffffff'), size, fitModes[chosen.fit])
    const marks = fitImage(toGray(await pictures.read(chosen.mask, '#000000')), size, fitModes[chosen.fit])
    if (maskedBox(marks) === undefined) {
      throw new Problem('MASK_EMPTY', 'The mask marks nothing.', {
        hint: 'Paint over what shall change.',
        details: { field: 'mask' },
      })
    }
    const known = {
      picture: fromImages([shape[1] === 1 ? toGray(image) : image]),
      mask: tensor(
        [1, 1, shape[2], shape[3]],
        Float32Array.from(marks.data, value => (value < 128 ? 1 : 0)),
      ),
    }
    const { steps, eta, jumpLength, jumps: passes } = chosen
    const finish = async (sample: Tensor) => toImages(inColour(sample))[0]
    return yield* drawOneByOne(context, seedGroups(chosen, 1).flat(), {
      schedule: repaint(model.schedulerConfig, steps, { jumpLength, passes, eta, known }),
      ...{ shape, finish, preview: finish },
      predict: await unconditionalNetwork(model, shape, ddpm.className),
    })
  },
}
