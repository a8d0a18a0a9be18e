import { halfTarget, type Provider, type Target, targets } from '../graph/targets.ts'
import type { Precision } from '../weights/precision.ts'

/** How graphs are written for a provider in a precision. */
export const computingTarget = (provider: Provider, precision: Precision): Target =>
  provider === 'webgpu' && precision === 'fp16' ? halfTarget : targets[provider]
