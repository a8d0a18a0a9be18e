import { z } from 'zod'
import type { Shape } from '../../tensor/tensor.ts'
import { type AdafactorOptions, adafactor } from './adafactor.ts'
import { type AdamOptions, adam, adamW } from './adam.ts'
import { adamW8Bit } from './adam-8-bit.ts'
import type { Optimiser } from './optimiser.ts'
import { type ProdigyOptions, prodigy } from './prodigy.ts'
import { type SgdOptions, sgd } from './sgd.ts'

/** Names of the optimisers. To add one: write its file, and a line here and below. */
export const optimiserName = z.enum(['SGD', 'Adam', 'AdamW', 'AdamW8bit', 'Adafactor', 'Prodigy'])

/** Which optimiser, with its own settings. */
export type OptimiserChoice =
  | { readonly name: 'SGD'; readonly options?: SgdOptions }
  | { readonly name: 'Adam' | 'AdamW' | 'AdamW8bit'; readonly options?: AdamOptions }
  | { readonly name: 'Adafactor'; readonly options?: AdafactorOptions }
  | { readonly name: 'Prodigy'; readonly options?: ProdigyOptions }

/** An optimiser by its name. @param shapes of the parameters, by name: some treat matrices in their own way */
export function createOptimiser(choice: OptimiserChoice, shapes: ReadonlyMap<string, Shape>): Optimiser {
  switch (choice.name) {
    case 'SGD':
      return sgd(choice.options)
    case 'Adam':
      return adam(choice.options)
    case 'AdamW':
      return adamW(choice.options)
    case 'AdamW8bit':
      return adamW8Bit(choice.options)
    case 'Adafactor':
      return adafactor(shapes, choice.options)
    case 'Prodigy':
      return prodigy(choice.options)
  }
}
