import { z } from 'zod'
import { Problem } from '../problem.ts'
import { toGray } from '../tensor/fit.ts'
import type { RgbImage } from '../tensor/images.ts'
import { maskOfBox, partsOfMask } from '../tensor/mask-parts.ts'
import { type GrayImage, maskedBox } from '../tensor/masks.ts'
import { drawFromWords, seedGroups } from './draw-from-words.ts'
import { redrawnPart } from './inpaint.ts'
import { emptyMask, matching, partMarkedIn } from './marked-part.ts'
import { maskFill, maskPadding, maskSoftness } from './mask-parameters.ts'
import type { GivenPictures, Operation, OperationPicture, Progress } from './operation.ts'
import { about } from './parameter-meta.ts'
import { picture, strength } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'
import { Stopwatch } from './stopwatch.ts'

/** Absent where boxes say it. */
const mask = z
  .string()
  .regex(/^(?:[0-9a-f]{64})?$/)
  .default('')
  .meta(
    about({
      title: 'Mask',
      description:
        'White where detail shall be drawn; as large as the picture. Separate places are drawn each for itself.',
      group: 'mask',
      widget: 'mask',
    }),
  )

const boxes = z
  .string()
  .max(2000)
  .default('')
  .meta(
    about({
      title: 'Boxes',
      description: 'Places as "left,top,right,bottom" in pixels of the picture, several with ";" between them.',
      group: 'mask',
      widget: 'text',
    }),
  )

const apart = z
  .boolean()
  .default(true)
  .meta(
    about({
      title: 'Each place for itself',
      description:
        'Separate places of the mask are drawn one after the other, each at the full size; otherwise all together.',
      group: 'mask',
      widget: 'switch',
    }),
  )

const parameters = z.object({
  ...{ ...plainWordParameters, image: picture, mask, boxes, apart },
  ...{ strength: strength.default(0.5), softness: maskSoftness.default(8), padding: maskPadding, fill: maskFill },
})

/** Places of a picture are drawn anew at the size that the model knows best, one after the other, and put back with a soft edge: what is small in a picture gets
 *  the detail that the model gives what is large (the way of Stable Diffusion web UI's "ADetailer"; in-painting with "only the masked area"). */
export const detailer: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'detailer',
  version: 1,
  title: 'Draw detail',
  description:
    'Draws marked places anew at the full size of the model and puts them back, so that small things get detail.',
  needs: { model: 'checkpoint', beside: ['nothing', 'mask'] },
  parameters,
  sizeOf: (_, { defaults: { width, height } }) => ({ width, height }),
  async *run(context, chosen) {
    const image = await context.pictures.read(chosen.image, '#ffffff')
    const places = await placesOf(context.pictures, chosen, image)
    const seeds = seedGroups(chosen, 1).flat()
    const watch = new Stopwatch()
    const pictures: OperationPicture[] = []
    for (const [k, seed] of seeds.entries()) {
      let drawn = image
      for (const [number, place] of places.entries()) {
        const alone = { ...chosen, ...unsteered, seed, count: 1, onlyMasked: true, softMask: false }
        const run = drawFromWords(context, alone, redrawnPart(partMarkedIn(drawn, place, alone), alone))
        const done = k * places.length + number
        const [{ image: next }] = yield* told(run, { done, places: places.length, seeds: seeds.length }, watch)
        drawn = next
      }
      pictures.push({ image: drawn, seed })
    }
    return pictures
  },
}

/** How far one of several runs is, as a part of all. @param of how many runs are done, of one for each place and seed */
async function* told<Result>(
  run: AsyncGenerator<Progress, Result>,
  { done, places, seeds }: { readonly done: number; readonly places: number; readonly seeds: number },
  watch: Stopwatch,
): AsyncGenerator<Progress, Result> {
  const place = places === 1 ? '' : `Place ${(done % places) + 1} of ${places}: `
  let next = await run.next()
  for (; !next.done; next = await run.next()) {
    const { phase, step, total: own } = next.value
    const [at, total] = [done * own + step, places * seeds * own]
    const secondsLeft = step > 0 ? watch.step(at, total) : undefined
    yield {
      ...{ phase: place + phase, step: at, total },
      ...(secondsLeft !== undefined && { secondsLeft }),
    }
  }
  return next.value
}

/** The masks of what is drawn, in its order. @throws Problem MASK_EMPTY, MASK_SIZE, BOX, PICTURE_* */
async function placesOf(
  pictures: GivenPictures,
  { mask, boxes, apart }: z.output<typeof parameters>,
  image: RgbImage,
): Promise<GrayImage[]> {
  const marked = mask === '' ? [] : [matching(toGray(await pictures.read(mask, '#000000')), image)]
  const painted = apart ? marked.flatMap(partsOfMask) : marked
  const places = [...painted, ...boxesIn(boxes, image)].filter(place => maskedBox(place) !== undefined)
  if (places.length > 0) return places
  throw mask === '' ? nothingMarked() : emptyMask()
}

const nothingMarked = (): Problem =>
  new Problem('MASK_EMPTY', 'Nothing says what shall be drawn again.', {
    hint: 'Paint over what shall change.',
    details: { field: 'mask' },
  })

/** @throws Problem BOX */
function boxesIn(text: string, image: RgbImage): GrayImage[] {
  const written = text.split(';').filter(each => each.trim() !== '')
  return written.map(each => {
    const [left, top, right, bottom, ...more] = each.split(',').map(Number)
    const isBox = [left, top, right, bottom].every(Number.isFinite) && more.length === 0 && left < right && top < bottom
    if (isBox && (right <= 0 || bottom <= 0 || left >= image.width || top >= image.height)) {
      const size = `${image.width} x ${image.height}`
      throw badBox(`"${each.trim()}" lies outside the picture, which is ${size}.`)
    }
    if (isBox) return maskOfBox({ left, top, right, bottom }, image)
    throw badBox(`"${each.trim()}" is no box in a picture.`)
  })
}

const badBox = (message: string): Problem =>
  new Problem('BOX', message, {
    hint: 'Write left,top,right,bottom in pixels, e.g. 10,20,90,120.',
    details: { field: 'boxes' },
  })
