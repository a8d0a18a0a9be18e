import type { RgbImage } from '../app/tensor/images.ts'
import type { Art } from './sticker-scenes.ts'

/* Things of the art in other colours, as the recipe of the embedded world paints them: what has the hue that most of a thing has takes the new colour, and its
 * lights and shades stay. */

/** What colour words mean for things. */
export const paints: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [220, 40, 45],
  orange: [245, 140, 30],
  yellow: [248, 208, 45],
  green: [55, 165, 70],
  blue: [40, 110, 225],
  purple: [135, 70, 195],
  pink: [245, 135, 185],
  black: [45, 45, 50],
  white: [240, 240, 240],
  brown: [130, 82, 50],
}

/** Things of the embedded model that can be told by a colour. */
export const colourable = new Set(
  `red heart,balloon,car,shirt,rose,fish,butterfly,guitar,star,bus,crown,alien,red apple,mushroom,gift,donut,turtle,house,rocket,cactus,elephant,airplane,sailboat`.split(
    ',',
  ),
)

/** Degrees of hue that one bin of the count holds. */
const BIN = 10
/** Of what can be seen of a thing, how much must have its hue. */
const LEAST_SHARE = 0.22
const LEAST_PIXELS = 150

/** The same thing in another colour; undefined: it has none of its own that could be told. */
export function recoloured(art: Art, colour: string): Art | undefined {
  const { data, width, height } = art.pixels
  const places = Array.from({ length: width * height }, (_, k) => look(data.subarray(k * 4, k * 4 + 4)))
  const hue = commonHue(places)
  if (hue === undefined) return undefined
  const share = (place: Look): number => belongs(place, hue)
  const seen = places.filter(({ cover }) => cover > 0.5)
  const chosen = seen.filter(place => share(place) > 0.5)
  if (chosen.length < LEAST_SHARE * seen.length) return undefined
  const middle = median(chosen.map(({ light }) => light))
  const painted = new Uint8Array(data)
  for (const [k, place] of places.entries()) {
    const part = share(place)
    const bright = place.light / Math.max(middle, 1)
    for (let channel = 0; channel < 3; channel++) {
      const shown = place.cover * (place.rgb[channel] * (1 - part) + shaded(paints[colour][channel], bright) * part)
      painted[k * 4 + channel] = Math.round(Math.min(Math.max(shown, 0), 255))
    }
  }
  const pixels: RgbImage = { width, height, data: painted }
  return { ...art, pixels }
}

interface Look {
  readonly rgb: readonly number[]
  readonly cover: number
  /** Degrees. */
  readonly hue: number
  readonly saturation: number
  readonly value: number
  readonly light: number
}

/** A pixel whose colours are multiplied by how much of it covers. */
function look([red, green, blue, alpha]: Uint8Array): Look {
  const cover = alpha / 255
  const rgb = [red, green, blue].map(value => (cover === 0 ? 0 : value / cover))
  const [r, g, b] = rgb
  const most = Math.max(r, g, b)
  const span = most - Math.min(r, g, b)
  const turn = most === r ? (g - b) / span : most === g ? 2 + (b - r) / span : 4 + (r - g) / span
  return {
    ...{ rgb, cover, hue: span === 0 ? 0 : (turn * 60 + 360) % 360, saturation: most === 0 ? 0 : span / most },
    ...{ value: most / 255, light: 0.299 * r + 0.587 * g + 0.114 * b },
  }
}

/** The hue that most of a thing has, in degrees. */
function commonHue(places: readonly Look[]): number | undefined {
  const coloured = places.filter(({ saturation, value, cover }) => saturation > 0.28 && value > 0.2 && cover > 0.5)
  if (coloured.length < LEAST_PIXELS) return undefined
  const bins = Array.from({ length: 360 / BIN }, () => 0)
  for (const { hue } of coloured) bins[Math.floor(hue / BIN) % bins.length]++
  const around = bins.map((count, k) => count + bins[(k + 1) % bins.length] + (bins[k - 1] ?? bins[bins.length - 1]))
  return (around.indexOf(Math.max(...around)) + 0.5) * BIN
}

/** From 0 to 1: how far a pixel is of that hue. */
function belongs({ hue, saturation }: Look, common: number): number {
  const away = Math.abs(((hue - common + 540) % 360) - 180)
  const ramp = (value: number): number => Math.min(Math.max(value, 0), 1)
  return ramp((42 - away) / 14) * ramp((saturation - 0.12) / 0.15)
}

/** A paint in shade (below 1) or light (above). */
function shaded(paint: number, bright: number): number {
  if (bright <= 1) return paint * bright ** 0.9
  return paint + (255 - paint) * Math.min((bright - 1) * 0.75, 0.85)
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
