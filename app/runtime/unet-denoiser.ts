import type { Value } from '../graph/graph.ts'
import { parseConfig } from '../models/family.ts'
import { crossAttentions, imagePromptMisfit } from '../models/ip-adapter.ts'
import {
  imagePromptPath,
  passesOf,
  type UNetConfig,
  type UNetSizes,
  unet2DCondition,
  wantedInputs,
} from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { holdsIPAdapter, type IPAdapterFile, openIPAdapter } from '../weights/ip-adapter.ts'
import type { Component } from '../weights/model-source.ts'
import { holdsT2IAdapter } from '../weights/t2i-adapter.ts'
import type { WeightFiles } from '../weights/weight-files.ts'
import { StoredAdapter } from './adapter-network.ts'
import type { EncodedPrompt, PromptEncoder } from './clip-encoders.ts'
import type { Conditioning } from './conditioning.ts'
import { StoredControlNetwork } from './control-network.ts'
import type {
  AttentionAsked,
  ControlInputs,
  Denoiser,
  GuidanceInput,
  PredictConditioned,
  StoredControl,
} from './denoiser.ts'
import { type Load, Network, type NetworkAdditions } from './network.ts'
import type { Runtime } from './runtime.ts'
import { type SizeConditioning, timeIds } from './size-conditioning.ts'
import type { Training } from './trainable.ts'

/** The UNet of Stable Diffusion 1, 2 and XL. */
export class UNetDenoiser implements Denoiser {
  readonly patch = 1
  readonly #network: Network<UNetConfig, UNetSizes>
  readonly #pooledWidth: number | undefined
  readonly #runtime: Runtime
  readonly #precision: NetworkAdditions['precision']
  /** What tells the IP-Adapters that are compiled into it from others. */
  readonly #adapters: readonly string[]

  /** @param pooledWidth of what stands for a whole text, where something does
   *  @throws Problem MODEL_CONFIG, PRECISION_PROVIDER; for IP-Adapters CONTROL_MISFIT, and as `openIPAdapter` */
  constructor(
    runtime: Runtime,
    component: Component,
    { imagePrompts, ...additions }: NetworkAdditions & { readonly imagePrompts: readonly string[] },
    pooledWidth: number | undefined,
  ) {
    const config = parseConfig(unet2DCondition, component.config, component.configPath)
    const adapters = imagePrompts.map(path => openIPAdapter(path))
    const others = adapters.map((adapter, k) => fitted(adapter, imagePrompts[k], config, k))
    this.#adapters = adapters.map(({ identity }) => identity)
    this.#network = new Network(runtime, unet2DCondition, component, { ...additions, others })
    this.#pooledWidth = pooledWidth
    this.#runtime = runtime
    this.#precision = additions.precision
  }

  get channels(): number {
    return this.#network.config.in_channels
  }

  get guidance(): GuidanceInput | undefined {
    const { time_cond_proj_dim: width } = this.#network.config
    return width == null || this.#isToldText ? undefined : { name: 'timestep_cond', width }
  }

  get mustPrepare(): boolean {
    return this.#network.missingSideCar !== undefined
  }

  fed({ context, pooled }: EncodedPrompt, sizes: SizeConditioning): Conditioning {
    const { addition_embed_type: added } = this.#network.config
    if (this.#isToldText && pooled) return { encoder_hidden_states: context, timestep_cond: noiselessText(pooled) }
    if (added !== 'text_time' || pooled === undefined) return { encoder_hidden_states: context }
    return { encoder_hidden_states: context, text_embeds: pooled, time_ids: timeIds(sizes, this.#timeIds) }
  }

  async predictor(
    latents: Shape,
    tokens: number,
    guided: boolean,
    controls: ControlInputs = {},
    attention?: AttentionAsked,
    onObjectMask?: (mask: Tensor) => void,
  ): Promise<PredictConditioned> {
    const asked = attention && { ...attention.sizes, guided }
    const batch = latents[0] * passesOf(asked ?? { guided })
    const sizes = {
      ...this.#sizes(latents, tokens, guided),
      batch,
      ...this.#told(controls),
      ...(asked && { attention: asked }),
    }
    const session = await this.#network.session('predict', sizes)
    return async (input, timestep, conditioning) => {
      const fed = { sample: input, timestep: tensor([1], Float32Array.of(timestep)), ...conditioning }
      const {
        out_sample,
        object_mask: mask,
        ...looks
      } = await session.run(this.#isClassed ? withWholeLabels(fed) : fed)
      attention?.onMaps?.(looks)
      if (mask !== undefined) onObjectMask?.(mask)
      return out_sample
    }
  }

  written(training: Training, sample: Value, tokens: number): Value {
    const sizes = this.#sizes(sample.shape, tokens, false)
    return training.part({ network: this.#network, graph: 'predict', sizes, inputs: { sample } }).out_sample
  }

  control(path: string, model: string): StoredControl {
    const { config: unet } = this.#network
    if (holdsIPAdapter(path)) throw withoutEncoder(path)
    if (holdsT2IAdapter(path)) return new StoredAdapter(this.#runtime, path, { unet, model })
    const told = unet.addition_embed_type === 'text_time' ? { timeIds: this.#timeIds } : {}
    return new StoredControlNetwork(this.#runtime, path, {
      unet,
      model,
      additions: { precision: this.#precision },
      ...told,
    })
  }

  load(latents: Shape, tokens: number, guided: boolean, controls: ControlInputs = {}): Load {
    return this.#network.load('predict', { ...this.#sizes(latents, tokens, guided), ...this.#told(controls) })
  }

  /** Sessions with other IP-Adapters in the same places are others. */
  #told({ imagePrompts, ...controls }: ControlInputs) {
    if (imagePrompts === undefined) return controls
    const named = imagePrompts.map(prompt => ({ ...prompt, identity: this.#adapters[prompt.adapter] }))
    return { ...controls, imagePrompts: named }
  }

  refuseMisfits(path: string, texts: PromptEncoder): void {
    const unet = this.#network.config
    const isShownSmall = unet.in_channels === unet.out_channels + 3 // pixels beside the latents: it is told their noise
    const given = [
      'timestep_cond',
      // Of those that follow shapes: how precise the mask is.
      ...(isShownSmall || unet.predicts_object_mask ? ['class_labels'] : []),
      ...(texts.pooledWidth !== undefined ? ['text_embeds', 'time_ids'] : []),
    ]
    const wanted = wantedInputs(unet).find(name => !given.includes(name))
    if (wanted !== undefined) {
      throw new Problem('MODEL_INPUTS', `The UNet of ${path} wants ${wanted}, which text to image does not give.`, {
        hint: 'It is made for another task: choose another model.',
      })
    }
    if (unet.addition_embed_type === 'text_time' && ![5, 6].includes(this.#timeIds)) {
      throw new Problem(
        'MODEL_CONFIG',
        `The UNet of ${path} does not fit its text encoder, whose text_embeds have a width of ${texts.pooledWidth}.`,
        { hint: 'These parts do not belong together: download the model again.' },
      )
    }
    const width = unet.encoder_hid_dim ?? [unet.cross_attention_dim].flat()[0]
    if (width !== texts.width) {
      throw new Problem(
        'MODEL_CONFIG',
        `The UNet of ${path} expects text of width ${width}, its text encoder gives ${texts.width}.`,
        { hint: 'These parts do not belong together: download the model again.' },
      )
    }
  }

  /** The latent upscaler is told the whole text beside the timestep, in the place of a guidance scale. */
  get #isToldText(): boolean {
    const { time_cond_proj_dim: width, addition_embed_type: added } = this.#network.config
    return added == null && width === NOISE_WIDTH + Number(this.#pooledWidth)
  }

  get #isClassed(): boolean {
    const { num_class_embeds: count, class_embed_type: type } = this.#network.config
    return count != null && type == null
  }

  get #timeIds(): number {
    return countOfTimeIds(this.#network.config, Number(this.#pooledWidth))
  }

  #sizes([pictures, , height, width]: Shape, tokens: number, guided: boolean): UNetSizes {
    const batch = guided ? pictures * 2 : pictures
    const added = this.#network.config.addition_embed_type === 'text_time' ? { timeIds: this.#timeIds } : {}
    return { batch, height, width, tokens, timesteps: 'one', contextMask: false, ...added }
  }
}

const withoutEncoder = (path: string): Problem =>
  new Problem('IMAGE_ENCODER', `The IP-Adapter ${path} needs a CLIP model that looks at pictures.`, {
    hint: 'Name the image encoder that came with it.',
    details: { field: 'controls' },
  })

/** The weights of an IP-Adapter by the layers of a UNet that take them. @throws Problem CONTROL_MISFIT */
function fitted(adapter: IPAdapterFile, path: string, config: UNetConfig, place: number): WeightFiles {
  const reason = imagePromptMisfit(adapter, config)
  const layers = crossAttentions(config)
  if (reason === undefined && layers !== undefined)
    return adapter.weightsAt(
      layers.map(each => each.path),
      imagePromptPath(place),
    )
  throw new Problem('CONTROL_MISFIT', `The IP-Adapter ${path} was made for another kind of model: it ${reason}.`, {
    hint: 'Choose an IP-Adapter that was made for models like this one.',
    details: { field: 'controls' },
  })
}

/** Numbers that tell the latent upscaler how much noise lies on what it enlarges. */
const NOISE_WIDTH = 128

/** A text [1, width] behind what stands for no noise, as the reference's StableDiffusionLatentUpscalePipeline tells it: cosines, then sines. */
const noiselessText = ({ shape: [, width], data }: Tensor): Tensor => {
  const told = new Float32Array(NOISE_WIDTH + width).fill(1, 0, NOISE_WIDTH / 2)
  told.set(data, NOISE_WIDTH)
  return tensor([1, NOISE_WIDTH + width], told)
}

/** Labels look rows up in a table: whole numbers. */
const withWholeLabels = <Fed extends Conditioning>({ class_labels: labels, ...fed }: Fed) => ({
  ...fed,
  ...(labels && { class_labels: { shape: labels.shape, integers: [...labels.data] } }),
})

/** How many numbers Stable Diffusion XL is told of a picture: what its embedding has room for beside the text.
 *  @param pooledWidth of what stands for a whole text */
export function countOfTimeIds(config: UNetConfig, pooledWidth: number): number {
  const { projection_class_embeddings_input_dim: width, addition_time_embed_dim: each } = config
  return (Number(width) - pooledWidth) / Number(each)
}
