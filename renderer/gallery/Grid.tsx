import { useVirtualizer } from '@tanstack/react-virtual'
import { ImageOff, Star } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '../components/Button.tsx'
import { t } from '../language/language.ts'
import { varyCursor } from '../state/again.ts'
import { blobUrl, type Image } from '../state/api.ts'
import { drag } from '../state/dragging.ts'
import { imagePrompt, named } from '../state/engine.ts'
import {
  clearSearch,
  isRanked,
  pick,
  picked,
  readMore,
  refreshGallery,
  restore,
  searchOf,
  star,
  trash,
  useGallery,
} from '../state/gallery.ts'
import { rate } from '../state/marking.ts'
import { sentenceOf } from '../state/problem.ts'
import { openInStudio } from '../state/recipes.ts'
import { go } from '../state/ui.ts'
import { columnsOf, GAP, moveIn, type Row, rankedRows, rowsOf } from './rows.ts'

const HEADING = 40
/** The next page is read when this many rows are left. */
const AHEAD = 6

function useWidth(box: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const measure = () => {
      const { paddingLeft, paddingRight } = getComputedStyle(element)
      setWidth(element.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [box])
  return width
}

/** All pictures, grouped by day; only the rows in sight exist. One stop of the Tab key, with arrow keys inside. */
export function Grid() {
  const box = useRef<HTMLDivElement>(null)
  const width = useWidth(box)
  const images = useGallery(state => state.images)
  const size = useGallery(state => state.size)
  const total = useGallery(state => state.total)
  const cursor = useGallery(state => state.cursor)
  const { columns, side } = columnsOf(width, size)
  const ranked = useGallery(isRanked)
  const rows = useMemo(
    () => (ranked ? rankedRows(images, columns, total) : rowsOf(images, columns)),
    [images, columns, ranked, total],
  )
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: index => (rows[index]?.kind === 'day' ? HEADING : side + GAP),
    overscan: 4,
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of another size must be measured again
  useEffect(() => virtual.measure(), [side, rows, virtual.measure])

  const items = virtual.getVirtualItems()
  const lowest = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && lowest >= rows.length - AHEAD) void readMore()
  }, [lowest, rows.length])

  const move = (event: KeyboardEvent) => {
    const index = images.findIndex(image => image.id === cursor)
    const next = moveIn(rows, index, event.key)
    const image = images[next]
    if (image === undefined) return
    event.preventDefault()
    pick(image.id, event.shiftKey ? 'range' : 'only')
    const row = rows.findIndex(
      each => each.kind === 'pictures' && next >= each.first && next < each.first + each.images.length,
    )
    virtual.scrollToIndex(row, { align: 'auto' })
  }
  const keys = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    if (/^(Arrow|Home|End)/.test(event.key)) return move(event)
    gridKey(event)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: with pictures in it, it is a list box
    <div
      ref={box}
      className="grid"
      {...(images.length > 0 && listBox(total, cursor))}
      data-region="grid"
      data-testid="grid"
      onKeyDown={keys}
    >
      {images.length === 0 ? (
        <Nothing />
      ) : (
        <div className="grid-inner" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map(item => (
            <div
              key={item.key}
              role="presentation"
              className="grid-row"
              style={{ transform: `translateY(${item.start}px)`, height: item.size }}
            >
              <RowOf row={rows[item.index]} side={side} />
            </div>
          ))}
        </div>
      )}
    </div>
  )
}

/** What makes the grid one stop of the Tab key; an empty one only says that it is empty. */
const listBox = (total: number, cursor: string | undefined) => ({
  role: 'listbox',
  tabIndex: 0,
  'aria-label': t('Pictures, {total} in all', { total }),
  'aria-multiselectable': true,
  'aria-activedescendant': cursor === undefined ? undefined : `picture-${cursor}`,
})

/** Keys that do something with what is selected. */
function gridKey(event: KeyboardEvent): void {
  const { selected, cursor, images, shelf } = useGallery.getState()
  const ids = [...selected]
  const image = images.find(each => each.id === cursor)
  const key = event.key.toLowerCase()
  if (event.ctrlKey || event.metaKey) {
    if (key !== 'a') return
    useGallery.setState(state => ({ selected: new Set(state.images.map(each => each.id)) }))
  } else if (key === ' ' && image !== undefined) useGallery.setState({ previewing: true })
  else if (key === 'enter' && image !== undefined && shelf !== 'trash') openInStudio(image)
  else if (key === 's' && ids.length > 0) void star(ids)
  else if (key === 'v' && ids.length > 0) varyCursor()
  else if (/^[0-5]$/.test(key) && ids.length > 0 && shelf !== 'trash') void rate(ids, Number(key))
  else if (key === 'delete' && ids.length > 0 && shelf !== 'trash') void trash(ids)
  else if (key === 'r' && ids.length > 0 && shelf === 'trash') void restore(ids)
  else if (key === 'escape' && ids.length > 0) useGallery.setState({ selected: new Set(), beside: undefined })
  else return
  event.preventDefault()
}

function RowOf({ row, side }: { row: Row | undefined; side: number }) {
  if (row === undefined) return null
  if (row.kind === 'day') {
    return (
      <div className="day" role="presentation">
        <b>{row.day}</b>
        <span className="t12 t3 num">{t('{count} pictures', { count: row.count })}</span>
      </div>
    )
  }
  return (
    <div className="pictures" role="presentation">
      {row.images.map(image => (
        <Thumbnail key={image.id} image={image} side={side} />
      ))}
    </div>
  )
}

function Thumbnail({ image, side }: { image: Image; side: number }) {
  const selected = useGallery(state => state.selected.has(image.id))
  const cursor = useGallery(state => state.cursor === image.id)
  const [missing, setMissing] = useState(false)
  const click = (event: MouseEvent) => {
    const how = event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'only'
    useGallery.setState(state => picked(state, image.id, how))
  }
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and the keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    <div
      id={`picture-${image.id}`}
      role="option"
      aria-selected={selected}
      aria-label={`${named(imagePrompt(image))}${image.starred ? t(', starred') : ''}${image.rating === undefined ? '' : t(', rated {rating}', { rating: image.rating })}`}
      className={['gth', selected && 'on', cursor && 'cursor'].filter(Boolean).join(' ')}
      style={{ width: side, height: side }}
      draggable
      onDragStart={event => drag(event.dataTransfer, image)}
      onClick={click}
      onDoubleClick={() => useGallery.getState().shelf !== 'trash' && openInStudio(image)}
      data-testid="picture"
    >
      {missing ? (
        <ImageOff size={18} strokeWidth={1.5} aria-hidden="true" />
      ) : (
        <img
          src={blobUrl(image.hash)}
          alt=""
          loading="lazy"
          decoding="async"
          draggable={false}
          onError={() => setMissing(true)}
        />
      )}
      {image.rating !== undefined && (
        <span className="badge k rated num" aria-hidden="true">
          {image.rating}
        </span>
      )}
      {image.starred && (
        <span className="badge k">
          <Star size={12} strokeWidth={1.5} fill="currentColor" aria-hidden="true" />
        </span>
      )}
    </div>
  )
}

/** What is said where pictures would be. */
function Nothing() {
  const { fresh, failure, shelf, words, tokens } = useGallery()
  const query = searchOf({ words, tokens })
  if (failure !== undefined) {
    return (
      <div className="nothing" role="presentation">
        <p>{sentenceOf(failure)}</p>
        <Button onClick={() => void refreshGallery()}>{t('Try again')}</Button>
      </div>
    )
  }
  if (fresh) return <div className="grid-shape" aria-hidden="true" />
  if (query !== '') {
    return (
      <div className="nothing" role="presentation" data-testid="no-results">
        <p>{t('Nothing matches “{query}”.', { query })}</p>
        <Button onClick={clearSearch}>{t('Show all pictures')}</Button>
      </div>
    )
  }
  return (
    <div className="nothing" role="presentation" data-testid="no-pictures">
      {shelf === 'all' && (
        <>
          <p>{t('No pictures yet. Those that you make are kept here.')}</p>
          <Button look="primary" onClick={() => go('studio')}>
            {t('Make one')}
          </Button>
        </>
      )}
      {shelf === 'starred' && <p>{t('No picture has a star yet. Press S on one.')}</p>}
      {shelf === 'trash' && <p>{t('The trash is empty.')}</p>}
    </div>
  )
}
