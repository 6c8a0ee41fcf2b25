#!/usr/bin/env perl
# A stand-in for the Claude CLI of which two hundred fit in a machine: a few megabytes each, where Node takes forty. A prompt
# "many:5:1000" says five texts and makes five calls, 1,000 ms between two; each says when it left, in milliseconds since the epoch.
use strict;
use warnings;
use JSON::PP;
use Time::HiRes qw(time sleep);

my $json = JSON::PP->new->canonical->latin1;
$| = 1;
if (grep { $_ eq '--version' } @ARGV) { print "2.1.330 (Claude Code)\n"; exit 0 }
my ($session) = join(' ', @ARGV) =~ /--(?:session-id|resume)[= ](\S+)/;
my $serial = 0;

sub say_line { print $json->encode({session_id => $session, @_}), "\n" }
sub reply { say_line(type => 'control_response', response => {subtype => 'success', request_id => $_[0], response => $_[1]}) }
sub stamp { sprintf 'at%.3f', time * 1000 }
sub id { $serial++; "$_[0]_" . substr($session, 0, 8) . "_$serial" }
sub stream { say_line(type => 'stream_event', parent_tool_use_id => undef, uuid => id('s'), event => $_[0]) }
sub block {
  my ($id, $block) = @_;
  say_line(type => 'assistant', parent_tool_use_id => undef, uuid => id('u'), message =>
    {id => $id, role => 'assistant', model => 'stub', content => [$block], stop_reason => undef, usage => {}});
}

sub text {
  my ($words, $ms) = @_;
  my $id = id('msg');
  stream({type => 'message_start', message => {id => $id, role => 'assistant', model => 'stub', content => [], usage => {}}});
  stream({type => 'content_block_start', index => 0, content_block => {type => 'text', text => ''}});
  my $all = '';
  for my $n (1 .. 10) {
    sleep($ms / 10_000);
    my $part = $n < 10 ? "$words$n " : stamp();
    $all .= $part;
    stream({type => 'content_block_delta', index => 0, delta => {type => 'text_delta', text => $part}});
  }
  block($id, {type => 'text', text => $all});
  stream({type => 'content_block_stop', index => 0});
  stream({type => 'message_stop'});
}

sub call {
  my $tool = id('toolu');
  block(id('msg'), {type => 'tool_use', id => $tool, name => 'Read', input => {file_path => '/' . stamp()}});
  say_line(type => 'user', parent_tool_use_id => undef, message => {role => 'user', content =>
    [{type => 'tool_result', tool_use_id => $tool, content => 'content', is_error => JSON::PP::false}]});
}

sub turn {
  my ($uuid, $prompt) = @_;
  say_line(type => 'system', subtype => 'init', cwd => '/', model => 'stub', permissionMode => 'default',
    claude_code_version => '2.1.330', tools => [], mcp_servers => [], user_message_uuids => [$uuid]);
  if ($prompt =~ /many:(\d+):(\d+)/) {
    my ($count, $ms) = ($1, $2);
    # Two hundred people do not press Enter in the same millisecond.
    sleep(rand() * $ms / 1000);
    for my $n (1 .. $count) { text("w$n.", $ms); call() }
    text('The end ', $ms);
  }
  else { text('Hello ', 0) }
  say_line(type => 'result', subtype => 'success', is_error => JSON::PP::false, terminal_reason => 'completed', duration_ms => 1,
    duration_api_ms => 1, num_turns => 1, result => '', total_cost_usd => 0.01, usage => {input_tokens => 10, output_tokens => 20},
    modelUsage => {}, permission_denials => [], user_message_uuids => [$uuid]);
}

while (my $text = <STDIN>) {
  my $line = eval { $json->decode($text) } or next;
  if ($line->{type} eq 'control_request') {
    my $initialize = $line->{request}{subtype} eq 'initialize';
    reply($line->{request_id}, $initialize ? {commands => [], agents => [], models => [], account => {}, output_style => 'default',
      claude_code_version => '2.1.330', current_permission_mode => 'default', pid => $$} : {});
  }
  elsif ($line->{type} eq 'user') {
    my $content = $line->{message}{content};
    turn($line->{uuid}, ref $content ? $json->encode($content) : $content);
  }
}
