import { adapterLevels, adapterMisfit, adapterStride } from '../models/controlnet-fit.ts'
import { type T2IAdapterConfig, type T2IAdapterSizes, t2iAdapter } from '../models/t2i-adapter.ts'
import type { UNetConfig } from '../models/unet-2d-condition.ts'
import { Problem } from '../problem.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import { openT2IAdapter } from '../weights/t2i-adapter.ts'
import type { Residuals } from './control-network.ts'
import { type Load, Network } from './network.ts'
import type { Runtime } from './runtime.ts'

/** A T2I-Adapter as the denoising loop asks it: what it gives depends on its picture alone, so it is asked once a run. */
export interface AdapterNetwork {
  readonly kind: 'features'
  /** Pixels of its picture for each latent, on a side. */
  readonly stride: number
  /** Channels of its picture. */
  readonly channels: number
  /** How many values it gives, from fine to coarse. */
  readonly levels: number
  /** What the UNet adds on its way down, by the names of its inputs. @param picture [batch, channels, height x stride, width x stride] in [0, 1]
   *  @throws Problem SESSION_*, MEMORY */
  features(picture: Tensor): Promise<Residuals>
}

/** A T2I-Adapter of a file, opened beside a checkpoint's UNet. */
export class StoredAdapter implements AdapterNetwork {
  readonly kind = 'features'
  /** It is small, and computed as it is stored. */
  readonly mustPrepare = false
  readonly stride: number
  readonly #network: Network<T2IAdapterConfig, T2IAdapterSizes>

  /** Reads config and header alone. @param model name of the checkpoint, for messages
   *  @throws Problem CONTROL_MISFIT where it was made for another kind of model; as `openT2IAdapter`; MODEL_CONFIG */
  constructor(runtime: Runtime, path: string, { unet, model }: { unet: UNetConfig; model: string }) {
    this.#network = new Network(runtime, t2iAdapter, openT2IAdapter(path))
    const { config } = this.#network
    this.stride = adapterStride(config, unet)
    const reason = adapterMisfit(config, unet)
    if (reason === undefined) return
    throw new Problem(
      'CONTROL_MISFIT',
      `The T2I-Adapter ${path} was made for another kind of model than ${model}: it ${reason}.`,
      {
        hint: `Choose one that was made for models like ${model}.`,
        details: { field: 'controls' },
      },
    )
  }

  get channels(): number {
    return this.#network.config.in_channels
  }

  get levels(): number {
    return adapterLevels(this.#network.config).length
  }

  async features(picture: Tensor): Promise<Residuals> {
    const [batch, , height, width] = picture.shape
    const session = await this.#network.session('control', { batch, height, width })
    return session.run({ image: picture })
  }

  /** What asking it takes; nothing is opened. @param latents shape of the latents */
  load([pictures, , height, width]: Shape): Load {
    const sizes = { batch: pictures, height: height * this.stride, width: width * this.stride }
    // It is asked once a run, not in each call.
    return { ...this.#network.load('control', sizes), work: 0 }
  }
}
