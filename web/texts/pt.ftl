### What people read on the pages, in Portuguese.

language = Idioma
loading = Um momento
you = Você
somebody = seu consultor pessoal
the-customer = seu cliente
try-again = Tentar de novo
never-mind = Deixar

title-loading = Um momento
title-sign_in = Entrar
title-ready = Antes da chamada
title-waiting = Em espera
title-call = Chamada
title-survey = Sua opinião
title-thanks = Obrigado
title-over = A chamada
title-trouble = A chamada

sign-in = Que bom ver você
sign-in-kind = Para a equipe
sign-in-email = E-mail
sign-in-password = Senha
sign-in-do = Entrar

ready-kind-customer = Seu atendimento pessoal
ready-kind-shopper = Chamada de um cliente
ready-title-customer = Quando você quiser
ready-title-live = { $name } está à sua espera
ready-title-scheduled = Seu horário marcado
ready-title-shopper = { $name } quer ver você
ready-about = Sobre: { $product }
preview = Prévia da sua câmera
preview-comes-here = Sua imagem aparecerá aqui. Ninguém mais a vê ainda.
camera-is-off = Sua câmera está desligada
your-picture = Sua própria imagem

permission-why = O navegador vai pedir duas permissões. É para isto que servem.
permission-camera = Câmera: para que vejam você. Pode desligá-la a qualquer momento.
permission-microphone = Microfone: para que ouçam você. Pode silenciá-lo a qualquer momento.
permission-yours = Nada é enviado antes de você entrar.
permission-allow = Continuar com câmera
permission-sound-only = Sem câmera
permission-none = Só ver, ouvir e escrever

device-camera = Câmera
device-microphone = Microfone
device-speaker = Alto-falante
device-number = Dispositivo { $number }
level = Nível do seu microfone

failure-both = A câmera e o microfone não estão disponíveis.
failure-camera = A câmera não está disponível.
failure-microphone = O microfone não está disponível.
failure-permission_denied = O navegador bloqueou o acesso. Permita-o ao lado do endereço, acima, e tente de novo; ou entre sem ele.
failure-device_missing = Nenhum foi encontrado. Conecte um e tente de novo; ou entre sem ele.
failure-device_in_use = Outro programa está usando o dispositivo. Feche-o e tente de novo; ou entre sem ele.

consent-privacy = Política de privacidade
consent-terms = Termos
come-in-join = Entrar na chamada
come-in-take = Atender esta chamada
come-in-start = Começar a chamada

waiting-kind = Na fila
waiting-kind-claimed = Em instantes
waiting-soon = Você será atendido em breve
waiting-next = Você é o próximo
waiting-place = Seu lugar na fila
waiting-ahead = { $ahead ->
    [one] Há uma pessoa à sua frente.
   *[other] Há { $ahead } pessoas à sua frente.
}
waiting-stay = Fique nesta página. A chamada começa sozinha.
waiting-estimate = { $minutes ->
    [one] Cerca de um minuto
   *[other] Cerca de { $minutes } minutos
}
waiting-open-at = Estaremos de volta a partir das { $at }.
waiting-claimed = { $name } já está chegando
waiting-claimed-more = A chamada começa sozinha.
waiting-write = Escrever enquanto isso
waiting-leave = Sair da fila

call-with = Chamada com { $name }
controls = Controles da chamada
mute = Silenciar
unmute = Ativar o microfone
camera-turn-off = Desligar a câmera
camera-turn-on = Ligar a câmera
camera-switch = Outra câmera
share = Compartilhar a tela
share-stop = Parar de compartilhar
you-share = Você está compartilhando a tela
shares-screen = compartilha a tela
pip = Imagem sobre imagem
chat = Chat
chat-unread = { $count ->
    [one] Chat, uma mensagem nova
   *[other] Chat, { $count } mensagens novas
}
products = Produtos
people = Pessoas
devices = Dispositivos
panel-close = Fechar
end = Encerrar a chamada
end-title = Encerrar a chamada?
end-what = Ela termina para { $name } também.
end-yes = Encerrar a chamada
end-leave = Sair sem encerrar
people-joined = { $name } entrou
people-left = { $name } saiu
end-no = Ficar
hear = Ativar o som
is-recorded = Gravando
is-muted = em silêncio
is-heard = microfone ligado
is-seen = câmera ligada
is-unseen = câmera desligada
picture-of = Imagem de { $name }
screen-of = Tela de { $name }
kind-customer = Cliente
kind-shopper = Consultor pessoal

tape-start = Gravar a chamada
tape-stop = Parar de gravar
tape-title = Esta chamada pode ser gravada?
tape-what = { $name } gostaria de gravá-la. A chamada continua de qualquer forma.
tape-yes = Pode ser gravada
tape-no = Não, obrigado
tape-asked = Estamos perguntando ao cliente
tape-declined = O cliente não quer que a chamada seja gravada
tape-begins = A partir de agora a chamada é gravada
tape-ends = A gravação parou
tape-agree = Aceito que esta chamada seja gravada. (Ela também acontece sem gravação.)

link-connecting = Conectando…
link-reconnecting = A conexão caiu. Estamos recuperando…
live-lost = Conectando de novo…
alone = { $name } já vem
link-failure-ice_failed = Nenhum caminho até o outro lado foi encontrado. Continuamos tentando; outra rede pode ajudar.
link-failure-dtls_failed = Não foi possível estabelecer uma conexão segura. Continuamos tentando.
link-failure-timeout = Não há resposta. Continuamos tentando.
link-failure-bad_offer = Agora não é possível entrar nesta chamada.
link-failure-room_full = Esta chamada está cheia.
link-failure-permission_denied = O navegador não permite.
link-failure-device_missing = Falta um dispositivo.
link-failure-device_in_use = Outro programa está usando um dispositivo.

chat-log = O que foi escrito
chat-empty = Nada foi escrito ainda.
chat-write = Escreva uma mensagem
chat-send = Enviar
chat-typing = Escrevendo…
file = Arquivo
file-send = Enviar um arquivo
file-too-large = Um arquivo pode ter no máximo { $max }.
file-not-to-be-had = O arquivo não pode ser aberto agora.
message-sending = Enviando…
message-failed = Não foi enviada.
message-erased = Esta mensagem foi apagada.

products-shown = Mostrados nesta chamada
products-none-customer = O que mostrarem a você aparecerá aqui.
products-none-shopper = Nada foi mostrado ainda.
product-new = Mostrar um produto
product-name = Nome
product-sku = Referência
product-price = Preço ({ $currency })
product-image = Endereço de uma imagem
product-variants = Tamanhos ou cores, um por linha: referência = nome
variant = Tamanho ou cor
product-show = Mostrar ao cliente
product-show-again = Mostrar de novo
product-failed = Não foi possível mostrar. Confira o que escreveu e tente de novo.
price-on-request = Preço sob consulta
cart = Sacola
cart-empty = A sacola está vazia.
cart-total = Total
cart-add = Pôr na sacola
cart-added = Na sacola
cart-failed = Não foi possível mudar a sacola. Tente de novo.
quantity = Quantidade de { $product }
quantity-less = Um a menos
quantity-more = Um a mais

notice-product-shown = Estão mostrando um produto a você
notice-product-sent = O cliente já o vê
notice-cart-added = { $product } está na sua sacola
notice-cart-added-by-customer = O cliente pôs algo na sacola
copy-link = Copiar o link
copy-link-what = Quem o tiver pode participar desta chamada como o cliente.
link-copied = Link copiado
link-not-copied = Não foi possível copiar o link

survey-kind = Duas perguntas
survey-title = Qual a probabilidade de você recomendar { $shop } a um amigo?
survey-least = Nada provável
survey-most = Muito provável
survey-face = E como foi a chamada?
survey-comment = Quer dizer algo a { $name }?
survey-send = Enviar
survey-skip = Pular
thanks = Obrigado
thanks-more = Foi um prazer. { $shop } espera ver você em breve.

over-ended = A chamada terminou
over-ended-customer = Obrigado pela visita.
over-ended-shopper = O que aconteceu está no histórico.
over-lasted = Durou { $time }.
over-cancelled = A chamada foi cancelada
over-cancelled-customer = Você pode pedir outra na loja quando quiser.
over-cancelled-shopper = O cliente não espera mais.
over-no_agent = Ninguém pôde vir
over-no_agent-customer = Sentimos muito. Você pode pedir outra chamada na loja quando quiser.
over-no_agent-shopper = O cliente não espera mais.
over-taken = Um colega atende esta chamada
over-taken-customer = Você pode fechar esta página.
over-taken-shopper = Você pode fechar esta página.

trouble-link = Este link não abre mais nada
trouble-link-more = Ele servia para uma só chamada. Você pode pedir outra na loja.
trouble-not_found = Esta chamada não existe
trouble-not_found-more = Confira se o endereço foi copiado por inteiro.
trouble-not_allowed = Esta chamada não está aberta para você
trouble-not_allowed-more = Quem administra sua conta pode mudar isso.
trouble-unreachable = O servidor está inacessível
trouble-unreachable-more = Confira sua conexão com a internet.
trouble-browser = Este navegador não faz videochamadas
trouble-browser-more = Abra o link em um navegador recente, com um endereço seguro.
refusal-unreachable = Não há resposta. Tente de novo em instantes.

floor-title = A loja
floor-kind = Hoje
floor-waiting = Esperam agora
floor-mine = Suas chamadas
floor-nobody = Ninguém espera.
floor-none = Você não tem nenhuma chamada.
floor-take = Abrir
floor-since = desde as { $at }
floor-sign-out = Sair
floor-private = Uma chamada privada
floor-private-make = Criar a chamada
floor-trial = Teste
floor-trial-make = É só um teste: não aparece em nenhum relatório
floor-name = Nome do cliente
floor-email = E-mail do cliente

recording-title = Gravação
recording-none = Não há gravação desta chamada.
recording-play = Reproduzir
recording-pause = Pausar
recording-seek = Posição
recording-not-ready = Ainda não está pronta.
recording-lost = Foi perdida.

ratings-title = O que os clientes acham
ratings-period = Últimos 90 dias
ratings-none = Ainda não há avaliações.
ratings-satisfied = Satisfeito
ratings-neutral = Neutro
ratings-dissatisfied = Insatisfeito
ratings-count = { $count ->
    [one] { $count } avaliação
   *[other] { $count } avaliações
  }
ratings-served = Por quem atendeu
ratings-latest = Avaliações mais recentes
ratings-gone = Quem já não está na loja
ratings-all = Todos os canais
ratings-no-channel = Esta loja não mostra avaliações.
ratings-not-public = Estas avaliações não são públicas.
