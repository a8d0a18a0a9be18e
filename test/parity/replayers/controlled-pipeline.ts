import { join } from 'node:path'
import { z } from 'zod'
import { type Control, controlledPredictor } from '../../../app/diffusion/control.ts'
import { schedulers } from '../../../app/schedulers/index.ts'
import { fitImage } from '../../../app/tensor/fit.ts'
import { fromImages } from '../../../app/tensor/images.ts'
import type { Variant } from '../goldens.ts'
import { picture } from './image-processor.ts'
import { callParameters, callSchema, draw, given, type Held, seeds, withPipeline } from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

/** The pipelines without ControlNets that these are made after. */
const plain = {
  StableDiffusionControlNetPipeline: 'StableDiffusionPipeline',
  StableDiffusionXLControlNetPipeline: 'StableDiffusionXLPipeline',
} as const

/** One value for all ControlNets, or one for each. */
export const perControl = z.union([z.number(), z.array(z.number())])

/** What calls under ControlNets say of those. */
export const controlOptions = {
  controlnet_conditioning_scale: perControl.default(1),
  control_guidance_start: perControl.default(0),
  control_guidance_end: perControl.default(1),
  guess_mode: z.boolean().default(false),
}
type ControlOptions = z.output<z.ZodObject<typeof controlOptions>>
const controlledCall = callSchema.extend(controlOptions)

export const controlPaths = z.union([z.string(), z.array(z.string())]).transform(path => [path].flat())

const parameters = z.strictObject({
  ...given.shape,
  pipeline: z.enum(['StableDiffusionControlNetPipeline', 'StableDiffusionXLControlNetPipeline']),
  components: given.shape.components.extend({ controlnet: controlPaths }),
  call: controlledCall,
  seed: seeds,
  /** Arguments that are lists of pictures, by the names of the pictures. */
  lists: z.strictObject({ image: z.array(z.string()) }).optional(),
})

/** Text to image under one or several ControlNets. */
export const replayControlledPipeline: Replayer = variant => {
  const parsed = callParameters(parameters, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { components, pipeline, ...chosen } = parsed.data
  const { controlnet, ...own } = components
  if (!Object.hasOwn(schedulers, chosen.scheduler.class))
    return { leftOut: `there is no ${chosen.scheduler.class} yet` }
  const controls = controlnet.map(path => join(variant.root, path))
  const bare = { scheduler: chosen.scheduler, components: own, pipeline: plain[pipeline] }
  const held = heldBy(variant, controls, chosen.call, chosen.lists?.image ?? ['image'])
  return withPipeline(variant.root, bare, checkpoint => draw(variant, checkpoint, chosen, held), { controls })
}

/** The network under the ControlNets of a variant. @param names of their pictures among the inputs */
export function heldBy(
  variant: Variant,
  paths: readonly string[],
  call: ControlOptions,
  names: readonly string[],
): Held {
  const at = (values: number | readonly number[], k: number) => [values].flat()[typeof values === 'number' ? 0 : k]
  return (checkpoint, size, { calls }) => {
    const controls = paths.map((path, k): Control => {
      const fitted = fitImage(picture(variant.inputs, `${names[k]}_u8`), size, 'stretch')
      return {
        network: checkpoint.control(path),
        picture: fromImages([fitted], 'unit'),
        weight: at(call.controlnet_conditioning_scale, k),
        start: at(call.control_guidance_start, k),
        end: at(call.control_guidance_end, k),
      }
    })
    return controlledPredictor(checkpoint, controls, { calls, guessMode: call.guess_mode })
  }
}
