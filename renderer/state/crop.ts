/** A part of a picture in pixels of it. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

interface Size {
  readonly width: number
  readonly height: number
}

export const corners = ['top left', 'top right', 'bottom left', 'bottom right'] as const
export type Corner = (typeof corners)[number]

/** A part has at least this many pixels on a side. */
const LEAST = 8

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
const sizeOf = ({ left, top, right, bottom }: Box): Size => ({ width: right - left, height: bottom - top })

/** The part moved as far as the picture goes. @param by pixels of the picture */
export function moved(box: Box, by: { readonly x: number; readonly y: number }, picture: Size): Box {
  const { width, height } = sizeOf(box)
  const left = clamp(box.left + by.x, 0, picture.width - width)
  const top = clamp(box.top + by.y, 0, picture.height - height)
  return { left, top, right: left + width, bottom: top + height }
}

/** The part with one corner dragged; the corner across stays. @param isFree whether its proportions may change */
export function cornerMoved(
  box: Box,
  corner: Corner,
  by: { readonly x: number; readonly y: number },
  picture: Size,
  isFree: boolean,
): Box {
  const [isTop, isLeft] = [corner.startsWith('top'), corner.endsWith('left')]
  const old = sizeOf(box)
  const most = {
    width: isLeft ? box.right : picture.width - box.left,
    height: isTop ? box.bottom : picture.height - box.top,
  }
  const wanted = { width: old.width + (isLeft ? -by.x : by.x), height: old.height + (isTop ? -by.y : by.y) }
  const { width, height } = isFree ? freely(wanted, most) : inProportion(old, wanted, most)
  return {
    left: isLeft ? box.right - width : box.left,
    right: isLeft ? box.right : box.left + width,
    top: isTop ? box.bottom - height : box.top,
    bottom: isTop ? box.bottom : box.top + height,
  }
}

const freely = (wanted: Size, most: Size): Size => ({
  width: clamp(wanted.width, Math.min(LEAST, most.width), most.width),
  height: clamp(wanted.height, Math.min(LEAST, most.height), most.height),
})

function inProportion(old: Size, wanted: Size, most: Size): Size {
  const largest = Math.min(most.width / old.width, most.height / old.height)
  const least = Math.min(largest, LEAST / Math.min(old.width, old.height))
  const scale = clamp(Math.max(wanted.width / old.width, wanted.height / old.height), least, largest)
  return { width: old.width * scale, height: old.height * scale }
}

/** The part larger or smaller about its middle, moved inside where it would leave the picture. */
export function scaled(box: Box, factor: number, picture: Size): Box {
  const { width, height } = inProportion(
    sizeOf(box),
    { width: sizeOf(box).width * factor, height: sizeOf(box).height * factor },
    picture,
  )
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
  const middle = { left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 }
  return moved(middle, { x: 0, y: 0 }, picture)
}

/** The part as it is kept: whole pixels inside the picture. */
export function rounded(box: Box, picture: Size): Box {
  const [left, top] = [Math.round(box.left), Math.round(box.top)]
  return {
    ...{ left: clamp(left, 0, picture.width - 1), top: clamp(top, 0, picture.height - 1) },
    right: clamp(Math.round(box.right), left + 1, picture.width),
    bottom: clamp(Math.round(box.bottom), top + 1, picture.height),
  }
}
