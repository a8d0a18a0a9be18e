import { z } from 'zod'
import { depthBeside } from '../diffusion/beside.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { begunBy, drawFromWords } from './draw-from-words.ts'
import { fitModes, reworked } from './image-to-image.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit, strength, wordParameters } from './parameters.ts'

const depth = picture.meta({
  title: 'Depth',
  description: 'How near each place is: near is bright, far is dark; of the proportions of the picture.',
  group: 'picture',
  widget: 'picture',
})

const parameters = z.object({
  ...wordParameters,
  image: picture,
  depth,
  strength: strength.default(0.8),
  fit: pictureFit,
})

/** A picture is drawn anew and keeps the depth of another: the reference's StableDiffusionDepth2ImgPipeline. */
export const depthToImage: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'depth-to-image',
  version: 1,
  title: 'Depth to image',
  description: 'Draws a picture anew and keeps how near and far things are. It takes a model that was made for depth.',
  needs: { model: 'checkpoint', beside: ['depth'] },
  parameters,
  async *run(context, chosen) {
    const image = await context.pictures.read(chosen.image, '#ffffff')
    const near = toGray(await context.pictures.read(chosen.depth, '#000000'))
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    const method = reworked(part(image), chosen)
    const nearness = fromImages([part(near)], 'unit')
    return yield* drawFromWords(context, chosen, {
      ...{ ...method, part },
      async *begin(place) {
        const [pictures, , height, width] = place.shape
        const beside = repeatEach(depthBeside(nearness, { height, width }), pictures)
        return { ...(yield* begunBy(method, place)), beside }
      },
    })
  },
}
