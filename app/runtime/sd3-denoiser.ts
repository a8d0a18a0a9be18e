import { type SD3Config, type SD3Sizes, sd3Transformer2D } from '../models/sd3-transformer-2d.ts'
import { type Shape, tensor } from '../tensor/tensor.ts'
import type { Component } from '../weights/model-source.ts'
import type { PromptEncoder } from './clip-encoders.ts'
import { type Denoiser, fedJointly, type PredictConditioned, refuseControl, refuseOtherTexts } from './denoiser.ts'
import { type Load, Network, type NetworkAdditions } from './network.ts'
import type { Runtime } from './runtime.ts'

/** The transformer of Stable Diffusion 3 and 3.5. */
export class SD3Denoiser implements Denoiser {
  readonly guidance = undefined
  readonly fed = fedJointly
  readonly control = refuseControl
  readonly #network: Network<SD3Config, SD3Sizes>

  /** @throws Problem MODEL_CONFIG, PRECISION_PROVIDER */
  constructor(runtime: Runtime, component: Component, additions: NetworkAdditions) {
    this.#network = new Network(runtime, sd3Transformer2D, component, additions)
  }

  get channels(): number {
    return this.#network.config.in_channels
  }

  get patch(): number {
    return this.#network.config.patch_size
  }

  get mustPrepare(): boolean {
    return this.#network.missingSideCar !== undefined
  }

  async predictor(latents: Shape, tokens: number, guided: boolean): Promise<PredictConditioned> {
    const session = await this.#network.session('predict', sizesOf(latents, tokens, guided))
    return async (input, timestep, conditioning) => {
      const fed = { hidden_states: input, timestep: tensor([1], Float32Array.of(timestep)), ...conditioning }
      return (await session.run(fed)).out_sample
    }
  }

  load(latents: Shape, tokens: number, guided: boolean): Load {
    return this.#network.load('predict', sizesOf(latents, tokens, guided))
  }

  refuseMisfits(path: string, texts: PromptEncoder): void {
    refuseOtherTexts(path, this.#network.config, texts)
  }
}

const sizesOf = ([pictures, , height, width]: Shape, tokens: number, guided: boolean): SD3Sizes => ({
  ...{ batch: guided ? pictures * 2 : pictures, height, width, tokens },
  timesteps: 'one',
})
