/** Width and height in pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** How large pictures are while a model learns from them. */
export interface BucketOptions {
  /** Side of the square with the area that no picture exceeds, in pixels. */
  readonly resolution: number
  /** What sides are multiples of: at least what the model needs. */
  readonly step: number
  /** The one size that all pictures are brought to; absent: each goes where its proportions are nearest. */
  readonly size?: Size | undefined
}

/** A part of a picture in pixels of it, fractions allowed, as `resample` takes it. */
export interface CropBox {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The sizes that pictures are sorted into (aspect-ratio bucketing, NovelAI 2022): of each width the largest height whose area is allowed,
 *  from half the resolution to twice. They are those of kohya's training scripts for the same bounds.
 *  @returns by width, then height; the square is always there */
export function bucketSizes({ resolution, step, size: only }: BucketOptions): Size[] {
  if (only !== undefined) return [only]
  const area = resolution * resolution
  const down = (length: number) => Math.max(Math.floor(length / step) * step, step)
  const [smallest, largest] = [down(resolution / 2), down(resolution * 2)]
  const square = down(resolution)
  const sizes = new Map([[`${square} ${square}`, { width: square, height: square }]])
  for (let width = smallest; width <= largest; width += step) {
    const height = Math.min(down(area / width), largest)
    if (height < smallest) continue
    for (const size of [
      { width, height },
      { width: height, height: width },
    ])
      sizes.set(`${size.width} ${size.height}`, size)
  }
  return [...sizes.values()].sort((a, b) => a.width - b.width || a.height - b.height)
}

/** The size whose proportions are nearest to a picture's; among equally near ones the largest. */
export function bucketFor({ width, height }: Size, sizes: readonly Size[]): Size {
  const ratio = Math.log(width / height)
  const distance = (size: Size) => Math.abs(Math.log(size.width / size.height) - ratio)
  return sizes.reduce((best, size) => {
    const nearer = distance(best) - distance(size)
    const isLarger = size.width * size.height > best.width * best.height
    return nearer > 1e-9 || (Math.abs(nearer) <= 1e-9 && isLarger) ? size : best
  })
}

/** The middle of a picture in the proportions of a size: as much of it as there is. */
export function cropFor({ width, height }: Size, size: Size): CropBox {
  const scale = Math.max(size.width / width, size.height / height)
  const [left, top] = [(width - size.width / scale) / 2, (height - size.height / scale) / 2]
  return { left, top, right: width - left, bottom: height - top }
}

/** What a model sees of a picture. */
export interface Seen {
  /** What it is brought to. */
  readonly size: Size
  /** The part of it, in pixels of the upright picture. */
  readonly box: CropBox
  /** How often that is enlarged; above 1 it is blurred. */
  readonly enlargement: number
}

/** What a model sees of a picture, or of the part of it that a person chose: the size whose proportions are nearest, filled from the middle.
 *  @param sizes as `bucketSizes` gives them */
export function seenOf(picture: Size & { readonly crop?: CropBox | undefined }, sizes: readonly Size[]): Seen {
  const { left, top, right, bottom } = picture.crop ?? {
    ...{ left: 0, top: 0, right: picture.width, bottom: picture.height },
  }
  const part = { width: right - left, height: bottom - top }
  const size = bucketFor(part, sizes)
  const inside = cropFor(part, size)
  const box = {
    ...{ left: left + inside.left, top: top + inside.top },
    ...{ right: left + inside.right, bottom: top + inside.bottom },
  }
  return { size, box, enlargement: size.width / (box.right - box.left) }
}

/** Options with the usual step where none is given. @param multiple what the model's sides are multiples of, in pixels */
export const withStep = ({
  resolution,
  step,
  multiple,
  size,
}: {
  readonly resolution: number
  readonly step?: number | undefined
  readonly multiple: number
  readonly size?: Size | undefined
}): BucketOptions => ({ resolution, step: step ?? usualStep(resolution, multiple), size })

/** The usual step: 64 pixels, as most models were trained with; for small pictures and others the model's own.
 *  @param multiple what the model needs */
export const usualStep = (resolution: number, multiple: number): number =>
  resolution >= 256 && 64 % multiple === 0 ? 64 : multiple
