/** How the weights of a checkpoint's UNet are computed with: from their own file; or from a side-car in single precision, in 8 bit (linear layers and
 *  convolutions), or in 4 bit (the linear layers of transformers; the others and the convolutions in 8 bit).
 *  fp16: all networks compute in half precision, with their sensitive parts in single, on a graphics card that can. */
export const precisions = ['as stored', 'fp32', 'fp16', '8 bit', '4 bit'] as const
export type Precision = (typeof precisions)[number]
/** Those that lose something, and are quicker or smaller for it. */
export const fewBitPrecisions = ['8 bit', '4 bit'] as const
export type FewBitPrecision = (typeof fewBitPrecisions)[number]

export const hasFewBits = (precision: Precision): precision is FewBitPrecision =>
  fewBitPrecisions.some(each => each === precision)

/** A precision that has a side-car. */
export type PreparedPrecision = Exclude<Precision, 'as stored' | 'fp16'>

/** Which numbers a network computes with, where that is not what its file holds. */
export interface PrecisionChoice {
  readonly precision: Precision
  /** The folder of side-cars: a cache. */
  readonly cache: string
  /** Channels that convolutions in single precision take side by side on this computer (app/runtime/convolution-block.ts); absent: they are
   *  computed in the plain layout. */
  readonly block?: number | undefined
}
