import { Problem } from '../problem.ts'
import type { DrawingKind } from './model-kinds.ts'
import type { ModelSource } from './model-source.ts'

/** What a whole model draws from, as the classes of its networks say; one of several parts neither enlarges nor finds anything alone. */
export function drawingKind(
  model: Pick<ModelSource, 'components' | 'component'>,
): Exclude<DrawingKind, 'upscaler' | 'masks'> {
  const { components } = model
  if (components.get('unet')?.className === 'UNet2DModel') return isToldClasses(model) ? 'classes' : 'unconditional'
  // DiT's own checkpoints were saved before its class had a name of its own.
  const transformer = components.get('transformer')?.className
  return transformer === 'DiTTransformer2DModel' || transformer === 'Transformer2DModel' ? 'classes' : 'checkpoint'
}

/** Whether a UNet of pixels has a table of classes. What cannot be read is no reason to fail yet: opening the model will tell. */
function isToldClasses(model: Pick<ModelSource, 'component'>): boolean {
  try {
    const { num_class_embeds: count, class_embed_type: type } = model.component('unet').config
    return count != null && type !== 'timestep' && type !== 'identity'
  } catch (error) {
    if (error instanceof Problem) return false
    throw error
  }
}
