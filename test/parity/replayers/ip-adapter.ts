import { join } from 'node:path'
import { z } from 'zod'
import { type ImagePrompt, promptedPredictor } from '../../../app/diffusion/image-prompts.ts'
import { parseConfig } from '../../../app/models/family.ts'
import { crossAttentions } from '../../../app/models/ip-adapter.ts'
import { imagePromptPath, unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { ImagePromptReader } from '../../../app/runtime/image-prompt.ts'
import { Network } from '../../../app/runtime/network.ts'
import type { Runtime } from '../../../app/runtime/runtime.ts'
import { joinBatches } from '../../../app/tensor/batches.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { openDiffusersFolder } from '../../../app/weights/diffusers-folder.ts'
import type { IPAdapterFile } from '../../../app/weights/ip-adapter.ts'
import { openIPAdapter } from '../../../app/weights/ip-adapter.ts'
import type { Tensors, Variant } from '../goldens.ts'
import { chosenPrecision, withModelFolder } from '../models.ts'
import { picture } from './image-processor.ts'
import { drawOver, imageCallSchema } from './image-to-image.ts'
import { drawInpainted, grayPicture } from './inpaint.ts'
import {
  callParameters,
  callSchema,
  drawLatents,
  given,
  type Held,
  outputsOf,
  seeds,
  withPipeline,
} from './pipeline.ts'
import { type Replayer, unknownParameters } from './replayer.ts'

const adapters = z.array(z.strictObject({ file: z.string(), pictures: z.array(z.string()), scale: z.number() }))
type Adapters = z.output<typeof adapters>

const networkParameters = z.strictObject({ unet: z.string(), encoder: z.string(), adapters })

const shown = (inputs: Tensors, names: readonly string[]) => names.map(name => picture(inputs, `${name}_u8`))

/** Tokens of pictures, and one pass of a UNet that attends to them. */
export const replayIPAdapter: Replayer = variant => {
  const { unet, encoder, adapters } = networkParameters.parse(variant.params)
  const { inputs, root } = variant
  const parts = { unet: { folder: join(root, unet), className: unet2DCondition.className } }
  return withModelFolder(parts, async (model, runtime: Runtime) => {
    const component = openDiffusersFolder(model).component('unet')
    const config = parseConfig(unet2DCondition, component.config, component.configPath)
    const paths = (crossAttentions(config) ?? []).map(({ path }) => path)
    const files = adapters.map(({ file }): IPAdapterFile => openIPAdapter(join(root, file)))
    const others = files.map((file, k) => file.weightsAt(paths, imagePromptPath(k)))
    const network = new Network(runtime, unet2DCondition, component, { precision: chosenPrecision(), others })
    const tokens: Tensor[] = []
    for (const { file, pictures } of adapters) {
      const reader = new ImagePromptReader(runtime, join(root, file), join(root, encoder))
      const { positive, negative } = await reader.read(shown(inputs, pictures))
      tokens.push(joinBatches([negative, positive]))
    }
    const feeds = adapters.flatMap(({ scale }, k) => [
      [`image_prompts.${k}.tokens`, tokens[k]] as const,
      [`image_prompts.${k}.scale`, tensor([2, 1, 1], Float32Array.of(scale, scale))] as const,
    ])
    const [, , height, width] = inputs.shape('sample')
    const sizes = {
      ...{ batch: 2, height, width, tokens: inputs.shape('encoder_hidden_states')[1], timesteps: 'one' as const },
      ...{ contextMask: false, timeIds: inputs.has('time_ids') ? inputs.shape('time_ids')[1] : undefined },
      imagePrompts: tokens.map(({ shape }, adapter) => ({ adapter, tokens: shape[1] })),
    }
    const session = await network.session('predict', sizes)
    const named = ['sample', 'encoder_hidden_states', 'text_embeds', 'time_ids'].filter(name => inputs.has(name))
    const { out_sample: unet_sample } = await session.run({
      ...Object.fromEntries(named.map(name => [name, inputs.tensor(name)])),
      timestep: tensor([1], inputs.tensor('timestep').data),
      ...Object.fromEntries(feeds),
    })
    return { outputs: { unet_sample, ...Object.fromEntries(tokens.map((each, k) => [`tokens_${k}`, each])) } }
  })
}

const shared = { ...given.shape, seed: seeds, encoder: z.string(), adapters }
const pipelines = z.discriminatedUnion('pipeline', [
  z.strictObject({
    ...shared,
    pipeline: z.enum(['StableDiffusionPipeline', 'StableDiffusionXLPipeline']),
    call: callSchema,
  }),
  z.strictObject({ ...shared, pipeline: z.literal('StableDiffusionImg2ImgPipeline'), call: imageCallSchema }),
  z.strictObject({
    ...shared,
    pipeline: z.literal('StableDiffusionInpaintPipeline'),
    call: callSchema.extend({ strength: z.number().default(1) }),
  }),
])
type Chosen = z.output<typeof pipelines>

/** Pictures from words, of a picture, and in-painted, under IP-Adapters. */
export const replayIPAdapterPipeline: Replayer = variant => {
  const parsed = callParameters(pipelines, variant)
  if (!parsed.success) return unknownParameters(parsed.error)
  const chosen = parsed.data
  const encoder = join(variant.root, chosen.encoder)
  const imagePrompts = chosen.adapters.map(({ file, pictures }) => ({
    ...{ path: join(variant.root, file), encoder, pictures: pictures.length },
  }))
  return withPipeline(
    variant.root,
    chosen,
    async checkpoint => {
      const held = prompted(variant, chosen.adapters, chosen.call.num_images_per_prompt)
      const latents = await drawn(variant, checkpoint, chosen, held)
      return { outputs: await outputsOf(variant, checkpoint, latents) }
    },
    { imagePrompts },
  )
}

async function drawn(variant: Variant, checkpoint: Parameters<Held>[0], chosen: Chosen, held: Held) {
  switch (chosen.pipeline) {
    case 'StableDiffusionImg2ImgPipeline':
      return drawOver(checkpoint, chosen, picture(variant.inputs, 'image_u8'), held)
    case 'StableDiffusionInpaintPipeline': {
      const [image, mask] = [picture(variant.inputs, 'image_u8'), grayPicture(variant.inputs, 'mask_image_u8')]
      return (await drawInpainted(checkpoint, chosen, image, mask, held)).drawn
    }
    default:
      return drawLatents(variant, checkpoint, chosen, held)
  }
}

/** The network that attends to the pictures of a variant. */
function prompted({ inputs, root }: Variant, adapters: Adapters, pictures: number): Held {
  return (checkpoint, _, { calls }) =>
    async (...asked) => {
      const prompts: ImagePrompt[] = []
      for (const { file, pictures: names, scale: weight } of adapters) {
        const { adapter, reader } = checkpoint.imagePrompt(join(root, file))
        prompts.push({ adapter, weight, start: 0, end: 1, ...(await reader.read(shown(inputs, names))) })
      }
      return promptedPredictor(checkpoint, prompts, { calls, pictures }).predictor(...asked)
    }
}
