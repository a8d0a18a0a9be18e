import { denoiserKind, denoiserPart } from '../models/parts.ts'
import type { ModelSource } from '../weights/model-source.ts'
import type { PromptEncoder } from './clip-encoders.ts'
import type { Denoiser } from './denoiser.ts'
import { FluxDenoiser } from './flux-denoiser.ts'
import type { NetworkAdditions } from './network.ts'
import type { Runtime } from './runtime.ts'
import { SD3Denoiser } from './sd3-denoiser.ts'
import { UNetDenoiser } from './unet-denoiser.ts'

/** Opens the denoising network of a checkpoint.
 *  @throws Problem COMPONENT_*, MODEL_CONFIG, PRECISION_PROVIDER */
export function openDenoiser(
  runtime: Runtime,
  folder: ModelSource,
  texts: PromptEncoder,
  additions: NetworkAdditions,
): Denoiser {
  const { name, classes } = denoiserPart(folder)
  const component = folder.component(name, classes)
  switch (denoiserKind(folder)) {
    case 'sd3':
      return new SD3Denoiser(runtime, component, additions)
    case 'flux':
      return new FluxDenoiser(runtime, component, additions)
    case 'unet':
      return new UNetDenoiser(runtime, component, additions, texts.pooledWidth)
  }
}
