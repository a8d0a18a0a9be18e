import { type FluxConfig, type FluxSizes, fluxRotation, fluxTransformer2D } from '../models/flux-transformer-2d.ts'
import { packLatents, unpackLatents } from '../models/packed-latents.ts'
import { type Shape, tensor } from '../tensor/tensor.ts'
import type { Component } from '../weights/model-source.ts'
import type { PromptEncoder } from './clip-encoders.ts'
import {
  type Denoiser,
  fedJointly,
  type GuidanceInput,
  type PredictConditioned,
  refuseControl,
  refuseOtherTexts,
} from './denoiser.ts'
import { type Load, Network, type NetworkAdditions } from './network.ts'
import type { Runtime } from './runtime.ts'

/** The transformer of Flux, which is fed 2 x 2 latents in a row and their places. */
export class FluxDenoiser implements Denoiser {
  readonly patch = 2
  readonly fed = fedJointly
  readonly control = refuseControl
  readonly #network: Network<FluxConfig, FluxSizes>

  /** @throws Problem MODEL_CONFIG, PRECISION_PROVIDER */
  constructor(runtime: Runtime, component: Component, additions: NetworkAdditions) {
    this.#network = new Network(runtime, fluxTransformer2D, component, additions)
  }

  get channels(): number {
    return this.#network.config.in_channels / this.patch ** 2
  }

  get guidance(): GuidanceInput | undefined {
    return this.#network.config.guidance_embeds ? { name: 'guidance', width: 1 } : undefined
  }

  get mustPrepare(): boolean {
    return this.#network.missingSideCar !== undefined
  }

  async predictor(latents: Shape, tokens: number, guided: boolean): Promise<PredictConditioned> {
    const [, , height, width] = latents
    const session = await this.#network.session('predict', this.#sizes(latents, tokens, guided))
    const rotation = fluxRotation(this.#network.config, [
      ...Array.from({ length: tokens }, () => [0, 0, 0]),
      ...placesOf(height / this.patch, width / this.patch),
    ])
    return async (input, timestep, conditioning) => {
      const share = tensor([1], Float32Array.of(Math.fround(timestep) / 1000))
      const hidden_states = packLatents(input, this.patch)
      const { out_sample } = await session.run({ hidden_states, timestep: share, ...rotation, ...conditioning })
      return unpackLatents(out_sample, { height, width, patch: this.patch })
    }
  }

  load(latents: Shape, tokens: number, guided: boolean): Load {
    return this.#network.load('predict', this.#sizes(latents, tokens, guided))
  }

  refuseMisfits(path: string, texts: PromptEncoder): void {
    refuseOtherTexts(path, this.#network.config, texts)
  }

  #sizes([pictures, , height, width]: Shape, tokens: number, guided: boolean): FluxSizes {
    const places = (height / this.patch) * (width / this.patch)
    return { batch: guided ? pictures * 2 : pictures, places, tokens, timesteps: 'one' }
  }
}

/** Frame, row and column of each place, row by row. */
const placesOf = (rows: number, columns: number): number[][] =>
  Array.from({ length: rows * columns }, (_, k) => [0, Math.floor(k / columns), k % columns])
