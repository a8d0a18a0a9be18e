import type { Graph } from '../graph/graph.ts'
import { type ControlNetConfig, type ControlNetSizes, controlNet, controlStrideOf } from '../models/controlnet.ts'
import { misfitOf } from '../models/controlnet-fit.ts'
import type { UNetConfig } from '../models/unet-2d-condition.ts'
import { wantedInputs } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import { type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import { openControlNet } from '../weights/control-net.ts'
import type { Conditioning } from './conditioning.ts'
import type { ControlKind } from './denoiser.ts'
import { type Load, Network, type NetworkAdditions } from './network.ts'
import type { Runtime } from './runtime.ts'

/** One question to a ControlNet: what the UNet is asked, with a picture. */
export interface ControlCall {
  /** Noisy latents [batch, channels, height, width]. */
  readonly sample: Tensor
  readonly timestep: number
  /** What the UNet is fed of the prompt, of the same batch. */
  readonly conditioning: Conditioning
  /** [batch, channels, height x stride, width x stride] in [0, 1]. */
  readonly picture: Tensor
  /** What its answer is multiplied by. */
  readonly weight: number
  /** As `ControlNetSizes` has it. */
  readonly guessMode: boolean
}

/** What the UNet adds on its way, by the names of its inputs. */
export type Residuals = Conditioning

/** A ControlNet as the denoising loop asks it. */
export interface ControlNetwork {
  /** Whether it gives values for each place, or one for all places. */
  readonly kind: ControlKind
  /** Pixels of its picture for each latent, on a side. */
  readonly stride: number
  /** Channels of its picture. */
  readonly channels: number
  /** @throws Problem SESSION_*, MEMORY */
  answer(call: ControlCall): Promise<Residuals>
  /** An answer that changes nothing, of the same shapes. */
  none(call: Omit<ControlCall, 'timestep' | 'picture' | 'weight'>): Residuals
}

/** A ControlNet of a file, opened beside a checkpoint's UNet. */
export class StoredControlNetwork implements ControlNetwork {
  readonly #network: Network<ControlNetConfig, ControlNetSizes>
  readonly #told: Pick<ControlNetSizes, 'timeIds'>
  readonly #zeros = new Map<string, Residuals>()
  readonly #embeddings = new WeakMap<Tensor, Promise<Tensor>>()

  /** Reads config and header alone. @param unet of the checkpoint  @param model its name, for messages  @param timeIds as the UNet has them
   *  @throws Problem CONTROL_MISFIT where it was made for another kind of model; as `openControlNet`; MODEL_CONFIG, PRECISION_PROVIDER */
  constructor(
    runtime: Runtime,
    path: string,
    options: { unet: UNetConfig; model: string; additions: NetworkAdditions; timeIds?: number },
  ) {
    const { unet, model, additions, timeIds } = options
    this.#told = timeIds === undefined ? {} : { timeIds }
    this.#network = new Network(runtime, controlNet, openControlNet(path), additions)
    const reason = misfitOf(this.#network.config, unet)
    if (reason !== undefined) throw misfit(path, model, reason)
  }

  get kind(): ControlNetwork['kind'] {
    return this.#network.config.global_pool_conditions ? 'pooled' : 'places'
  }

  get stride(): number {
    return controlStrideOf(this.#network.config)
  }

  get channels(): number {
    return this.#network.config.conditioning_channels
  }

  /** Whether weights must be written in the chosen precision before the first step. */
  get mustPrepare(): boolean {
    return this.#network.missingSideCar !== undefined
  }

  async answer(call: ControlCall): Promise<Residuals> {
    const sizes = controlSizes(call, 'one')
    const controlnet_embedding = await this.#embedded(call.picture, sizes)
    const session = await this.#network.session('control', { ...sizes, isEmbedded: true })
    const { controlnet_cond: _, ...fed } = fedControl(call, this.#network.config)
    return session.run({ ...fed, controlnet_embedding })
  }

  /** What the network makes of a picture, once for all calls of a run. */
  #embedded(picture: Tensor, sizes: ControlNetSizes): Promise<Tensor> {
    const make = async () => {
      const session = await this.#network.session('embedding', sizes)
      return (await session.run({ controlnet_cond: picture })).controlnet_embedding
    }
    const known = this.#embeddings.get(picture) ?? make()
    this.#embeddings.set(picture, known)
    return known
  }

  none(call: Omit<ControlCall, 'timestep' | 'picture' | 'weight'>): Residuals {
    const sizes = controlSizes(call, 'one')
    const key = JSON.stringify(sizes)
    const known = this.#zeros.get(key) ?? zerosOf(this.#network.build('control', sizes))
    this.#zeros.set(key, known)
    return known
  }

  /** What a call takes; nothing is opened. @param tokens, guided as `Denoiser.load` has them */
  load([pictures, , height, width]: Shape, tokens: number, guided: boolean): Load {
    const batch = guided ? pictures * 2 : pictures
    const sizes = { batch, height, width, tokens, timesteps: 'one', contextMask: false, guessMode: false } as const
    const { footprint } = this.#network.load('control', { ...sizes, ...this.#told })
    // The picture is embedded once a run, not in each call.
    const { work } = this.#network.load('control', { ...sizes, ...this.#told, isEmbedded: true })
    return { footprint, work }
  }
}

/** The sizes of the graph that answers a call. */
export function controlSizes(
  { sample, conditioning, guessMode }: Pick<ControlCall, 'sample' | 'conditioning' | 'guessMode'>,
  timesteps: 'one' | 'each',
): ControlNetSizes {
  const [batch, , height, width] = sample.shape
  const { encoder_hidden_states: text, time_ids: ids } = conditioning
  const added = ids === undefined ? {} : { timeIds: ids.shape[1] }
  return { batch, height, width, tokens: text.shape[1], timesteps, contextMask: false, guessMode, ...added }
}

/** What that graph is fed. */
export const fedControl = (call: ControlCall, config: ControlNetConfig): Readonly<Record<string, Tensor>> => ({
  ...Object.fromEntries(
    ['encoder_hidden_states', ...wantedInputs(config)].map(name => [name, call.conditioning[name]] as const),
  ),
  sample: call.sample,
  timestep: tensor([1], Float32Array.of(call.timestep)),
  controlnet_cond: call.picture,
  conditioning_scale: tensor([1], Float32Array.of(call.weight)),
})

/** Zeros in the place of all outputs of a ControlNet's graph. */
export const zerosOf = ({ outputs }: Graph): Residuals =>
  Object.fromEntries(outputs.map(({ name, shape }) => [name, tensor(shape, new Float32Array(sizeOf(shape)))]))

const misfit = (path: string, model: string, reason: string): Problem =>
  new Problem(
    'CONTROL_MISFIT',
    `The ControlNet ${path} was made for another kind of model than ${model}: it ${reason}.`,
    {
      hint: `Choose a ControlNet that was made for models like ${model}.`,
      details: { field: 'controls' },
    },
  )
