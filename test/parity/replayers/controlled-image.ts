import { join } from 'node:path'
import { z } from 'zod'
import { controlOptions, controlPaths, heldBy, perControl } from './controlled-pipeline.ts'
import { picture } from './image-processor.ts'
import { drawOver, imageParameters } from './image-to-image.ts'
import { drawInpainted, grayPicture, inpaintParameters } from './inpaint.ts'
import { callParameters, given, outputsOf, withPipeline } from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

/** The pictures of controls, beside the picture that is drawn anew. */
const CONTROL = ['control_image']

const components = given.shape.components.extend({ controlnet: controlPaths })
/** The reference's two pipelines hold more loosely than text to image does, unless they are told. */
const looser = (weight: number) => ({ ...controlOptions, controlnet_conditioning_scale: perControl.default(weight) })
const call = imageParameters.shape.call.extend({ ...looser(0.8), strength: z.number().default(0.8) })
const imageOnes = imageParameters.extend({ components, call, pipeline: z.string() })
const inpaintOnes = inpaintParameters.extend({ components, call: inpaintParameters.shape.call.extend(looser(0.5)) })

/** Image to image under a ControlNet. */
export const replayControlledImage: Replayer = variant => {
  const parsed = callParameters(imageOnes, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { components, ...chosen } = parsed.data
  const { controlnet, ...own } = components
  const controls = controlnet.map(path => join(variant.root, path))
  const pipeline = 'StableDiffusionImg2ImgPipeline' as const
  const { controlnet_conditioning_scale, control_guidance_start, control_guidance_end, guess_mode, ...plain } =
    chosen.call
  const held = heldBy(variant, controls, chosen.call, CONTROL)
  return withPipeline(
    variant.root,
    { scheduler: chosen.scheduler, components: own, pipeline },
    async checkpoint => {
      const drawn = await drawOver(
        checkpoint,
        { ...chosen, call: plain, pipeline },
        picture(variant.inputs, 'image_u8'),
        held,
      )
      return { outputs: await outputsOf(variant, checkpoint, drawn) }
    },
    { controls },
  )
}

/** In-painting under a ControlNet. */
export const replayControlledInpaint: Replayer = variant => {
  const parsed = callParameters(inpaintOnes, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { components, ...chosen } = parsed.data
  const { controlnet, ...own } = components
  const controls = controlnet.map(path => join(variant.root, path))
  const held = heldBy(variant, controls, chosen.call, CONTROL)
  const image = picture(variant.inputs, 'image_u8')
  const mask = grayPicture(variant.inputs, 'mask_image_u8')
  return withPipeline(
    variant.root,
    { scheduler: chosen.scheduler, components: own, pipeline: 'StableDiffusionInpaintPipeline' },
    async checkpoint => {
      const { drawn } = await drawInpainted(checkpoint, chosen, image, mask, held)
      return { outputs: await outputsOf(variant, checkpoint, drawn) }
    },
    { controls },
  )
}
