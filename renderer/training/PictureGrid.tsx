import { useVirtualizer } from '@tanstack/react-virtual'
import { type KeyboardEvent, type MouseEvent, type RefObject, useEffect, useRef, useState } from 'react'
import { Segmented } from '../components/Segmented.tsx'
import { t } from '../language/language.ts'
import type { Dataset, DatasetPicture } from '../state/api.ts'
import { pick, pickAll, pickNone, readMorePictures, type Show, showOnly, useTeach } from '../state/teach.ts'
import { PictureView } from './PictureView.tsx'

/** Pictures beside each other: in a column of the room these, in a strip as many as have room. */
const COLUMNS = 3
const NARROWEST_STRIP = 560
const WIDTH_IN_STRIP = 104
/** Pixels from one row to the next, before they are measured. */
const ROW = 106

const SHOWN = [
  { value: 'all', label: 'All' },
  { value: 'without words', label: 'No words' },
  { value: 'duplicates', label: 'Copies' },
  { value: 'refused', label: 'Broken' },
] as const satisfies readonly { value: Show; label: string }[]

const VIEWS = [
  { value: 'seen', label: 'Model sees' },
  { value: 'yours', label: 'Yours' },
] as const

/** What is said where no picture is. */
const NOTHING: Readonly<Record<Show, string>> = {
  all: 'No picture was looked at yet.',
  'without words': 'Every picture has words.',
  duplicates: 'No two pictures show the same.',
  refused: 'Every picture can be read.',
  small: 'No picture is too small.',
  'class images': 'No picture shows the class alone.',
  'left out': 'No picture is left out.',
}

/** Columns and rows that an arrow key goes. */
const KEYS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** How many pictures stand beside each other in a place. */
function useColumns(box: RefObject<HTMLDivElement | null>): number {
  const [columns, setColumns] = useState(COLUMNS)
  useEffect(() => {
    const place = box.current
    if (place === null) return
    const observer = new ResizeObserver(() => {
      const { clientWidth: width } = place
      setColumns(width < NARROWEST_STRIP ? COLUMNS : Math.floor(width / WIDTH_IN_STRIP))
    })
    observer.observe(place)
    return () => observer.disconnect()
  }, [box])
  return columns
}

/** The pictures of a data set as a model sees them, or whole; only the rows in sight exist. One stop of the Tab key. */
export function PictureGrid({ dataset, isOfWords }: { dataset: Dataset; isOfWords: boolean }) {
  const { pictures, total, show, view, selected } = useTeach()
  const box = useRef<HTMLDivElement>(null)
  const columns = useColumns(box)
  const rows = Math.ceil(pictures.length / columns)
  const virtual = useVirtualizer({
    count: rows,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 4,
  })
  const items = virtual.getVirtualItems()
  const lowest = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows > 0 && lowest >= rows - 6) void readMorePictures()
  }, [lowest, rows])
  const move = (event: KeyboardEvent) => {
    const step = KEYS[event.key]
    if (event.key === 'a' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      return pickAll()
    }
    if (event.key === 'Escape' && selected !== undefined) return pickNone()
    if (step === undefined || pictures.length === 0) return
    event.preventDefault()
    const at = pictures.findIndex(({ number }) => number === selected)
    const next = at < 0 ? 0 : Math.min(Math.max(at + step[0] + step[1] * columns, 0), pictures.length - 1)
    pick(pictures[next].number, event.shiftKey ? 'up to' : 'alone')
    virtual.scrollToIndex(Math.floor(next / columns), { align: 'auto' })
  }
  return (
    <>
      <div className="teach-head">
        <h2>
          {t('Pictures')} <span className="t3 num">{dataset.pictures}</span>
        </h2>
        <Segmented
          label={t('How pictures are shown')}
          value={view}
          choices={VIEWS}
          onChange={next => useTeach.setState({ view: next })}
        />
      </div>
      <div className="teach-show">
        <Segmented
          fill
          label={t('Which pictures')}
          value={SHOWN.find(({ value }) => value === show)?.value}
          choices={SHOWN}
          onChange={showOnly}
        />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: with pictures in it, it is a list box */}
      <div
        ref={box}
        className="teach-grid"
        {...(pictures.length > 0 && {
          role: 'listbox',
          tabIndex: 0,
          'aria-multiselectable': true,
          'aria-label': t('Pictures, {total} in all', { total }),
          'aria-activedescendant': selected === undefined ? undefined : `teach-${selected}`,
        })}
        onKeyDown={move}
        data-region="teach-pictures"
        data-testid="teach-grid"
      >
        {pictures.length === 0 && (
          <p className="note">
            {show === 'all' && dataset.pictures > 0 ? t('Reading the pictures') : t(NOTHING[show])}
          </p>
        )}
        <div role="presentation" style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {items.map(item => (
            <div
              key={item.key}
              role="presentation"
              className="teach-row"
              data-index={item.index}
              ref={virtual.measureElement}
              style={{
                transform: `translateY(${item.start}px)`,
                gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
              }}
            >
              {pictures.slice(item.index * columns, (item.index + 1) * columns).map(picture => (
                <Thumbnail key={picture.number} {...{ picture, isOfWords }} />
              ))}
            </div>
          ))}
        </div>
      </div>
    </>
  )
}

function Thumbnail({ picture, isOfWords }: { picture: DatasetPicture; isOfWords: boolean }) {
  const isSelected = useTeach(state => state.selected === picture.number || state.picked.includes(picture.number))
  const view = useTeach(state => state.view)
  const mark = useTeach(state => markOf(picture, state.pictures, isOfWords))
  const classes = ['tth', isSelected && 'on', picture.isLeftOut && 'away'].filter(Boolean).join(' ')
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list box has the focus and the keys
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list box has the keys
    <div
      id={`teach-${picture.number}`}
      role="option"
      aria-selected={isSelected}
      aria-label={[picture.path, mark, picture.isLeftOut && 'left out'].filter(Boolean).join(', ')}
      className={classes}
      onClick={event => pick(picture.number, howOf(event))}
      data-testid="teach-picture"
    >
      <PictureView picture={picture} view={view} />
      {mark !== undefined && <span className={isWarning(mark) ? 'badge warn' : 'badge'}>{mark}</span>}
    </div>
  )
}

const howOf = ({ shiftKey, ctrlKey, metaKey }: MouseEvent) => {
  if (shiftKey) return 'up to'
  return ctrlKey || metaKey ? 'with' : 'alone'
}

/** What should be known of a picture at a glance. */
function markOf(picture: DatasetPicture, pictures: readonly DatasetPicture[], isOfWords: boolean): string | undefined {
  const { problem, duplicates = [], bucket, caption, isClassImage } = picture
  if (problem !== undefined) return problem.code === 'PICTURE_GONE' ? t('gone') : t('broken')
  // The first of those that show the same is the one that is kept.
  const first = pictures.findIndex(({ number }) => duplicates.includes(number))
  if (first >= 0 && first < pictures.indexOf(picture)) return t('copy of {number}', { number: first + 1 })
  if (bucket?.isSmall) return t('small')
  if (isClassImage && isOfWords) return t('class')
  return caption === '' && isOfWords ? t('no words') : undefined
}

/** Whether a mark says that something may be wrong. */
const isWarning = (mark: string): boolean => mark !== t('class') && mark !== t('no words')
