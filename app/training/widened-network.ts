import type { Trainable } from '../runtime/trainable.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import type { ChangedTensor } from '../weights/merge.ts'
import type { Component } from '../weights/model-source.ts'
import { readParameter, WeightFiles } from '../weights/weight-files.ts'
import type { Numbers } from './numbers.ts'

/* Networks that see or say more than the model that they are made from: some of its convolutions are wider in them. */

/** The weights of a component that stay in its files. @param isNew parameters that others take the place of */
export function weightsWithout({ weights: { label, files } }: Component, isNew: (key: string) => boolean): WeightFiles {
  const kept = files.map(file => ({ ...file, tensors: new Map([...file.tensors].filter(([name]) => !isNew(name))) }))
  return new WeightFiles(label, kept)
}

/** Where the parameters begin: all that the model's files hold as it is there, and nothing in what is new, so that at first the network answers as
 *  before (as InstructPix2Pix begins its further channels, Brooks et al. 2023, arXiv:2211.09800, section 3.2).
 *  @param unet of the model, some of whose convolutions are widened */
export function firstWidenedWeights({ parameters, stored }: Trainable, unet: Component): Map<string, Float32Array> {
  const widened = (name: string, shape: Shape): Float32Array => {
    const found = unet.weights.find(name)
    if (found === undefined) return new Float32Array(sizeOf(shape))
    return withZeros(unetParameter(unet, name, found.entry.shape), found.entry.shape, shape)
  }
  return new Map([...parameters].map(([name, shape]) => [name, stored(name) ?? widened(name, shape)] as const))
}

const unetParameter = (unet: Component, name: string, shape: Shape): Float32Array =>
  readParameter(unet.weights.require(name, shape))

/** Values of a convolution [out, in, ...kernel] in the first places of a larger one. */
function withZeros(values: Float32Array, [, inside = 1, ...kernel]: Shape, [out, wanted = 1]: Shape): Float32Array {
  const place = sizeOf(kernel)
  const wide = new Float32Array(out * wanted * place)
  const row = inside * place
  for (let k = 0; k * row < values.length; k++) wide.set(values.subarray(k * row, (k + 1) * row), k * wanted * place)
  return wide
}

/** What was trained, at its place in the model's files; parameters that they have not are left out. @param mayWiden whose shape may be another one */
export function widenedChanges(
  weights: WeightFiles,
  numbers: Numbers,
  shapes: ReadonlyMap<string, Shape>,
  mayWiden: (key: string) => boolean,
): ChangedTensor[] {
  return [...numbers].flatMap(([key, values]) => {
    const found = weights.find(key)
    if (found === undefined) return []
    const shape = shapes.get(key) ?? []
    const isOther = String(found.entry.shape) !== String(shape)
    return [{ found, values: () => values, ...(isOther && mayWiden(key) && { shape }) }]
  })
}
