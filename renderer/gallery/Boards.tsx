import { Folder, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { IconButton } from '../components/IconButton.tsx'
import { languageNow, t } from '../language/language.ts'
import type { Board } from '../state/api.ts'
import { carriesPictures, droppedPictures } from '../state/dragging.ts'
import { openShelf, useGallery } from '../state/gallery.ts'
import { makeBoard, board as putOn, removeBoard, renameBoard } from '../state/marking.ts'
import { useShelves } from '../state/shelves.ts'

/** Boards: a click shows one, pictures are dropped on one, a double click names it anew. */
export function Boards() {
  const boards = useShelves(state => state.boards)
  const [named, setNamed] = useState<string>()
  return (
    <section aria-label={t('Boards')}>
      <div className="shelf-head">
        <h2>{t('Boards')}</h2>
        <IconButton label={t('New board')} small onClick={() => setNamed('')} data-testid="new-board">
          <Plus size={14} strokeWidth={1.5} />
        </IconButton>
      </div>
      {boards.map(board =>
        named === board.id ? (
          <Name
            key={board.id}
            name={board.name}
            onName={name => name !== board.name && void renameBoard(board.id, name)}
            onEnd={() => setNamed(undefined)}
          />
        ) : (
          <Line key={board.id} board={board} onRename={() => setNamed(board.id)} />
        ),
      )}
      {named === '' && <Name name="" onName={name => void makeBoard(name)} onEnd={() => setNamed(undefined)} />}
    </section>
  )
}

function Line({ board, onRename }: { board: Board; onRename: () => void }) {
  const isOn = useGallery(state => state.board === board.id)
  const [isOver, setIsOver] = useState(false)
  return (
    <div className="board-row">
      <button
        type="button"
        className={[isOn && 'on', isOver && 'dropping'].filter(Boolean).join(' ')}
        aria-current={isOn ? 'page' : undefined}
        onClick={() => openShelf('all', board.id)}
        onDoubleClick={onRename}
        onKeyDown={event => event.key === 'F2' && onRename()}
        onDragOver={event => {
          if (!carriesPictures(event.dataTransfer)) return
          event.preventDefault()
          setIsOver(true)
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={event => {
          event.preventDefault()
          setIsOver(false)
          void putOn(board.id, droppedPictures(event.dataTransfer), true)
        }}
        data-testid="board"
      >
        <Folder size={16} strokeWidth={1.5} aria-hidden="true" />
        <span className="grow cut">{board.name}</span>
        <span className="t3 num">{board.images.toLocaleString(languageNow())}</span>
      </button>
      {isOn && (
        <IconButton
          label={t('Remove the board {name}', { name: board.name })}
          use={t('Its pictures stay.')}
          small
          onClick={() => void removeBoard(board.id)}
        >
          <Trash2 size={14} strokeWidth={1.5} />
        </IconButton>
      )}
    </div>
  )
}

/** Enter and leaving the field keep the name, Esc does not. */
function Name({ name, onName, onEnd }: { name: string; onName: (name: string) => void; onEnd: () => void }) {
  const [text, setText] = useState(name)
  const end = (keeps: boolean) => {
    if (keeps && text.trim() !== '') onName(text.trim())
    onEnd()
  }
  return (
    <input
      type="text"
      aria-label={t('Name of the board')}
      // biome-ignore lint/a11y/noAutofocus: it appears where the person asked for it
      autoFocus
      maxLength={100}
      value={text}
      onChange={event => setText(event.target.value)}
      onBlur={() => end(true)}
      onKeyDown={event => {
        if (event.key === 'Enter') event.currentTarget.blur()
        if (event.key !== 'Escape') return
        event.stopPropagation()
        end(false)
      }}
      data-testid="board-name"
    />
  )
}
