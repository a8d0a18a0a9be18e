/** Kinds of models. The page knows this list too: nothing else belongs here. */
export const modelKinds = [
  'checkpoint',
  'lora',
  'embedding',
  'controlnet',
  'vae',
  'text-encoder',
  'upscaler',
  'unknown',
] as const
export type ModelKind = (typeof modelKinds)[number]
