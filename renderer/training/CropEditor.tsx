import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { t } from '../language/language.ts'
import { blobUrl, type DatasetPicture } from '../state/api.ts'
import { type Box, type Corner, cornerMoved, corners, moved, rounded, scaled } from '../state/crop.ts'
import { changePictures } from '../state/teach.ts'
import { SeenPart } from './PictureView.tsx'

/** What a key moves the part by, as a share of the picture's shorter side; with Shift ten times as much, with Alt a tenth. */
const KEY_SHARE = 0.01
const KEY_SCALE = 1.05
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}
/** Milliseconds without a key after which the part is kept. */
const STILL = 400

interface Drag {
  readonly corner: Corner | undefined
  readonly from: Box
  readonly x: number
  readonly y: number
}

/** A picture with the part of it that the model sees, which can be dragged, and that part alone as the model sees it. */
export function CropEditor({ picture }: { picture: DatasetPicture }) {
  const { thumbnail, width, height, bucket } = picture
  const place = useRef<HTMLDivElement>(null)
  const { box, change, keep } = useDraft(picture)
  const [drag, setDrag] = useState<Drag>()
  if (thumbnail === undefined || bucket === undefined || box === undefined) return null
  const begin = (event: PointerEvent, corner?: Corner) => {
    if (event.button !== 0) return
    event.stopPropagation()
    event.currentTarget.setPointerCapture(event.pointerId)
    setDrag({ corner, from: box, x: event.clientX, y: event.clientY })
  }
  const follow = (event: PointerEvent) => {
    if (drag === undefined || place.current === null) return
    const pixels = width / place.current.clientWidth
    const by = { x: (event.clientX - drag.x) * pixels, y: (event.clientY - drag.y) * pixels }
    change(
      drag.corner === undefined
        ? moved(drag.from, by, picture)
        : cornerMoved(drag.from, drag.corner, by, picture, event.shiftKey),
    )
  }
  const end = () => {
    if (drag === undefined) return
    setDrag(undefined)
    keep()
  }
  const press = (event: KeyboardEvent) => {
    const next = afterKey(event, box, picture)
    if (next === undefined) return
    event.preventDefault()
    change(next)
    keep(STILL)
  }
  return (
    <div className="teach-sights">
      <figure>
        <div ref={place} className="teach-yours" style={{ aspectRatio: `${width} / ${height}` }}>
          <img src={blobUrl(thumbnail)} alt="" draggable={false} />
          <button
            type="button"
            className="crop"
            style={placeOf(box, picture)}
            aria-label={t('The part that the model sees: {part}. Arrow keys move it, + and - resize it.', {
              part: partWords(box),
            })}
            onPointerDown={begin}
            onPointerMove={follow}
            onPointerUp={end}
            onPointerCancel={end}
            onKeyDown={press}
            data-testid="crop"
          >
            {corners.map(corner => (
              <i
                key={corner}
                data-corner={corner}
                onPointerDown={event => begin(event, corner)}
                onPointerMove={follow}
                onPointerUp={end}
                onPointerCancel={end}
              />
            ))}
          </button>
        </div>
        <figcaption>{t('yours, {width} × {height}', { width, height })}</figcaption>
      </figure>
      <figure>
        <div className="teach-seen">
          <SeenPart picture={picture} box={box} />
        </div>
        <figcaption>
          {t('seen,')} {bucket.width} × {bucket.height}
          {bucket.isSmall && (
            <span className="warn-text">
              {t(', enlarged {factor} times', { factor: bucket.enlargement.toFixed(1) })}
            </span>
          )}
        </figcaption>
      </figure>
    </div>
  )
}

/** The part while a hand is on it; afterwards what is kept of it, as the engine fits it to a size. */
function useDraft(picture: DatasetPicture) {
  const { number, bucket } = picture
  const [draft, setDraft] = useState<Box>()
  const latest = useRef<Box>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const shown = bucket && JSON.stringify(bucket.crop)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another picture, or what the engine made of the part
  useEffect(() => {
    if (latest.current === undefined) setDraft(undefined)
  }, [number, shown])
  useEffect(() => () => clearTimeout(timer.current), [])
  const change = (next: Box) => {
    clearTimeout(timer.current)
    latest.current = next
    setDraft(next)
  }
  const keep = (after = 0) => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => {
      const { current: box } = latest
      latest.current = undefined
      if (box !== undefined) void changePictures([number], { crop: rounded(box, picture) })
    }, after)
  }
  return { box: draft ?? bucket?.crop, change, keep }
}

function afterKey(event: KeyboardEvent, box: Box, picture: DatasetPicture): Box | undefined {
  if (event.ctrlKey || event.metaKey) return undefined
  if (event.key === '+' || event.key === '=') return scaled(box, KEY_SCALE, picture)
  if (event.key === '-') return scaled(box, 1 / KEY_SCALE, picture)
  const arrow = ARROWS[event.key]
  if (arrow === undefined) return undefined
  const share = Math.min(picture.width, picture.height) * KEY_SHARE
  const step = Math.max(1, share) * (event.shiftKey ? 10 : event.altKey ? 0.1 : 1)
  return moved(box, { x: arrow[0] * step, y: arrow[1] * step }, picture)
}

const partWords = ({ left, top, right, bottom }: Box): string =>
  t('{width} × {height} from {left}, {top}', {
    ...{ width: Math.round(right - left), height: Math.round(bottom - top) },
    ...{ left: Math.round(left), top: Math.round(top) },
  })

const percent = (length: number, whole: number) => `${(length / whole) * 100}%`

const placeOf = ({ left, top, right, bottom }: Box, { width, height }: DatasetPicture) => ({
  ...{ left: percent(left, width), top: percent(top, height) },
  ...{ width: percent(right - left, width), height: percent(bottom - top, height) },
})
