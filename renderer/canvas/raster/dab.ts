import { dropSurface, makeSurface, type Surface } from './surface.ts'

/** One touch of a brush on a layer: its middle and radius in the layer's pixels. */
export interface Dab {
  readonly x: number
  readonly y: number
  readonly radius: number
  /** 0 to 1: how much of the ink it leaves. */
  readonly flow: number
}

const sprites = new Map<string, Surface>()
/** Pixels of all sprites that are kept. */
const KEPT = 8_000_000
let kept = 0

/** Sizes stand so far apart. */
const STEP = Math.log(1.02)
/** From this radius on, a dab stands at whole pixels and is copied as it is; a smaller one would be seen to jump. */
const LARGE = 24

/** Draws a soft dab. @param hardness share of the radius that is wholly covered  @param colour a CSS colour without transparency */
export function drawDab(
  context: OffscreenCanvasRenderingContext2D,
  { x, y, radius, flow }: Dab,
  hardness: number,
  colour: string,
): void {
  const { canvas } = sprite(Math.max(0.5, radius), hardness, colour)
  context.globalAlpha = flow
  if (radius >= LARGE) context.drawImage(canvas, Math.round(x - canvas.width / 2), Math.round(y - canvas.height / 2))
  else {
    const side = Math.max(1, radius * 2)
    context.drawImage(canvas, x - side / 2, y - side / 2, side, side)
  }
}

function sprite(radius: number, hardness: number, colour: string): Surface {
  const size = Math.round(Math.log(radius) / STEP)
  const key = `${size} ${hardness} ${colour}`
  const known = sprites.get(key)
  if (known !== undefined) {
    sprites.delete(key)
    sprites.set(key, known)
    return known
  }
  const made = draw(Math.exp(size * STEP), hardness, colour)
  sprites.set(key, made)
  kept += made.canvas.width ** 2
  for (const [oldest, surface] of sprites) {
    if (kept <= KEPT || sprites.size === 1) break
    kept -= surface.canvas.width ** 2
    sprites.delete(oldest)
    dropSurface(surface)
  }
  return made
}

/** Points of the gradient: enough for a smooth fall of (cos + 1) / 2. */
const STOPS = 12

function draw(radius: number, hardness: number, colour: string): Surface {
  const side = Math.max(2, Math.round(radius * 2))
  const surface = makeSurface(side, side)
  const { context } = surface
  const middle = side / 2
  const gradient = context.createRadialGradient(middle, middle, middle * hardness, middle, middle, middle)
  for (let stop = 0; stop <= STOPS; stop++) {
    const share = stop / STOPS
    gradient.addColorStop(share, `rgb(0 0 0 / ${(Math.cos(share * Math.PI) + 1) / 2})`)
  }
  context.fillStyle = gradient
  context.fillRect(0, 0, side, side)
  context.globalCompositeOperation = 'source-in'
  context.fillStyle = colour
  context.fillRect(0, 0, side, side)
  return surface
}
