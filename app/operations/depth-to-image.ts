import { z } from 'zod'
import { depthBeside } from '../diffusion/beside.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { begunBy, drawFromWords } from './draw-from-words.ts'
import { depthFound } from './found-in-pictures.ts'
import { fitModes, reworked } from './image-to-image.ts'
import type { Operation, OperationContext } from './operation.ts'
import { about } from './parameter-meta.ts'
import { picture, pictureFit, strength, wordParameters } from './parameters.ts'

const depth = z
  .union([z.literal(''), picture])
  .default('')
  .meta(
    about({
      title: 'Depth',
      description:
        'How near each place is: near is bright, far is dark; of the proportions of the picture. Empty: a network that you bring finds it in the picture.',
      group: 'picture',
      widget: 'picture',
    }),
  )

/** What the reference asks DPT, any network for depth answers. */
const finding = {
  findDepth: z
    .boolean()
    .default(false)
    .meta(
      about({
        title: 'Find the depth',
        description: 'The depth is any picture, in which a network that you bring finds how near things are.',
        group: 'picture',
        widget: 'preparation',
      }),
    ),
  depthFinder: z
    .string()
    .max(4096)
    .default('')
    .meta(
      about({
        title: 'Network for depth',
        description: 'Which one finds the depth, by its name or ONNX file; empty: the first of the library.',
        group: 'picture',
        widget: 'preparation',
        takes: 'depth-network',
      }),
    ),
}

const parameters = z.object({
  ...wordParameters,
  image: picture,
  depth,
  ...finding,
  strength: strength.default(0.8),
  fit: pictureFit,
})

/** The depth that was given, or that a network finds: in the picture that was given for it, else in the one that is drawn anew. */
async function depthOf(
  { checkpoint: { runtime }, pictures }: OperationContext<'checkpoint' | 'pictures'>,
  { depth: given, findDepth, depthFinder }: z.output<typeof parameters>,
  image: RgbImage,
): Promise<RgbImage> {
  if (given !== '' && !findDepth) return pictures.read(given, '#000000')
  const shown = given === '' ? image : await pictures.read(given, '#ffffff')
  return depthFound(runtime, depthFinder, shown, 'depth')
}

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
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    const method = reworked(part(image), chosen)
    const nearness = fromImages([part(toGray(await depthOf(context, chosen, image)))], 'unit')
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
