/** Kinds of models that make pictures by themselves: from words; from nothing but noise; of a class that is named by a number; larger ones of
 *  small ones; masks of what words say. */
export const drawingKinds = ['checkpoint', 'unconditional', 'classes', 'upscaler', 'masks'] as const
export type DrawingKind = (typeof drawingKinds)[number]

/** Kinds of models. The page knows this list too: nothing else belongs here. */
export const modelKinds = [
  ...drawingKinds,
  'lora',
  'embedding',
  'learned-picture',
  'controlnet',
  't2i-adapter',
  'ip-adapter',
  'vae',
  'text-encoder',
  'image-encoder',
  'segmenter',
  'depth-network',
  'pose-network',
  'classifier',
  'unknown',
] as const
export type ModelKind = (typeof modelKinds)[number]

/** Kinds that hold a picture to another: each may stand where a ControlNet is asked for. */
export const controlKinds: readonly ModelKind[] = ['controlnet', 't2i-adapter', 'ip-adapter']
