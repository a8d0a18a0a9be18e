import type { Operation } from './operation.ts'
import { textToImage } from './text-to-image.ts'

/** Everything that a person can do, by id. To add one: write its file, and a line here. */
export const operations: Readonly<Record<string, Operation>> = {
  [textToImage.id]: textToImage,
}
