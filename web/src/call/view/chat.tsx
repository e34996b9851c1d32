// What is said in writing, and the files that are handed over.

import { useEffect, useRef, useState } from 'preact/hooks';
import { clock, size, t } from '../../texts/texts';
import { Icon } from '../../ui/icons';
import { nameOf, type Shown, type State } from '../state/state';
import { FILE_BYTES_MAX } from '../state/talk';
import type { Visit } from '../state/visit';

export function Chat({ state, visit }: { state: State; visit: Visit }) {
  const list = useRef<HTMLDivElement>(null);
  const { messages } = state;
  useEffect(() => {
    visit.talk?.seen();
    const element = list.current;
    if (element) element.scrollTop = element.scrollHeight;
  }, [messages.length]);
  return (
    <div class="chat">
      <div class="messages" ref={list} role="log" aria-label={t('chat-log')} tabIndex={0}>
        {messages.length === 0 && <p class="nothing">{t('chat-empty')}</p>}
        {messages.map((message) => <Message key={message.id} message={message} state={state} visit={visit} />)}
      </div>
      <p class="typing" role="status">{state.typing ? t('chat-typing') : ''}</p>
      <Writing visit={visit} />
    </div>
  );
}

function Message({ message, state, visit }: { message: Shown; state: State; visit: Visit }) {
  const { author, isOwn, file } = message;
  const name = isOwn ? t('you') : author === 'system' ? (state.shop?.name ?? '') : (nameOf(state, author, null) ?? t(author === 'shopper' ? 'somebody' : 'the-customer'));
  return (
    <article class={`message ${isOwn ? 'own' : author}`}>
      <p class="by"><b>{name}</b> <time dateTime={message.sent_at}>{clock(message.sent_at)}</time></p>
      {file ? (
        <button type="button" class="file" disabled={message.state !== 'sent'} onClick={() => void visit.talk?.open(message).catch(() => visit.notify(t('file-not-to-be-had'), 'alarm'))}>
          <Icon name="file" />
          <span><b>{file.name || t('file')}</b><small>{size(file.bytes)}</small></span>
        </button>
      ) : (
        <p class="body">{message.body ?? t('message-erased')}</p>
      )}
      {message.state === 'sending' && <p class="fate">{t('message-sending')}</p>}
      {message.state === 'failed' && (
        <p class="fate failed" role="alert">
          {t('message-failed')}{' '}
          {!file && <button type="button" class="text" onClick={() => void visit.talk?.again(message)}>{t('try-again')}</button>}
        </p>
      )}
    </article>
  );
}

function Writing({ visit }: { visit: Visit }) {
  const [text, write] = useState('');
  const picker = useRef<HTMLInputElement>(null);
  const send = () => {
    const body = text.trim();
    if (body === '') return;
    write('');
    void visit.talk?.say(body);
  };
  const pick = (files: FileList | null) => {
    const file = files?.[0];
    if (file && file.size > FILE_BYTES_MAX) visit.notify(t('file-too-large', { max: size(FILE_BYTES_MAX) }), 'alarm');
    else if (file) void visit.talk?.share(file);
    if (picker.current) picker.current.value = '';
  };
  return (
    <form class="writing" onSubmit={(event) => { event.preventDefault(); send(); }}>
      <button type="button" class="bare" aria-label={t('file-send')} onClick={() => picker.current?.click()}><Icon name="clip" /></button>
      <input ref={picker} type="file" hidden aria-label={t('file-send')} onChange={(event) => pick(event.currentTarget.files)} />
      <textarea
        rows={1}
        value={text}
        maxLength={10_000}
        aria-label={t('chat-write')}
        placeholder={t('chat-write')}
        onInput={(event) => { write(event.currentTarget.value); visit.talk?.typing(); }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
        }}
      />
      <button type="submit" class="bare" aria-label={t('chat-send')} disabled={text.trim() === ''}><Icon name="send" /></button>
    </form>
  );
}
