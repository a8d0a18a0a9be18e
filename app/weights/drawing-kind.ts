import type { DrawingKind } from './model-kinds.ts'
import type { ModelSource } from './model-source.ts'

/** What a whole model draws from, as the classes of its networks say. */
export function drawingKind({ components }: Pick<ModelSource, 'components'>): DrawingKind {
  if (components.get('unet')?.className === 'UNet2DModel') return 'unconditional'
  // DiT's own checkpoints were saved before its class had a name of its own.
  const transformer = components.get('transformer')?.className
  return transformer === 'DiTTransformer2DModel' || transformer === 'Transformer2DModel' ? 'classes' : 'checkpoint'
}
