import { denoiserKind, denoiserPart } from '../models/parts.ts'
import type { ModelSource } from '../weights/model-source.ts'
import type { PromptEncoder } from './clip-encoders.ts'
import { type Denoiser, refuseImagePrompts } from './denoiser.ts'
import { FluxDenoiser } from './flux-denoiser.ts'
import type { NetworkAdditions } from './network.ts'
import type { Runtime } from './runtime.ts'
import { SD3Denoiser } from './sd3-denoiser.ts'
import { UNetDenoiser } from './unet-denoiser.ts'

/** Opens the denoising network of a checkpoint.
 *  @param imagePrompts IP-Adapters whose keys and values are compiled into it
 *  @throws Problem COMPONENT_*, MODEL_CONFIG, PRECISION_PROVIDER; for IP-Adapters CONTROL_KIND, CONTROL_MISFIT, IP_ADAPTER_FORM */
export function openDenoiser(
  runtime: Runtime,
  folder: ModelSource,
  texts: PromptEncoder,
  additions: NetworkAdditions,
  imagePrompts: readonly string[],
): Denoiser {
  const { name, classes } = denoiserPart(folder)
  const component = additions.inTraining?.component ?? folder.component(name, classes)
  const kind = denoiserKind(folder)
  if (kind !== 'unet') refuseImagePrompts(imagePrompts, folder.path)
  switch (kind) {
    case 'sd3':
      return new SD3Denoiser(runtime, component, additions)
    case 'flux':
      return new FluxDenoiser(runtime, component, additions)
    case 'unet':
      return new UNetDenoiser(runtime, component, { ...additions, imagePrompts }, texts.pooledWidth)
  }
}
